import { ParsecError, utf8 } from "@parsec/base";
import type { Brand } from "./brand.ts";
import { type Codec, DecodeError, Str, scalar } from "./codec/index.ts";

/** A kind of checked text: its codec, and its parser. The brand promises that the rule was kept. */
export interface TextKind<Name extends string> extends Codec<Brand<string, Name>> {
  /** The text in its stored form. @throws the error of the kind when the text breaks its rule */
  parse(text: string): Brand<string, Name>;
}

/**
 * Declares a text of spec 03 §2, `str` on the wire. `check` gives the stored form of a raw text, or throws the
 * `ParsecError` of the kind; it runs on every construction, decoding included.
 */
export function textKind<const Name extends string>(name: Name, check: (text: string) => string): TextKind<Name> {
  type Text = Brand<string, Name>;
  const parse = (text: string) => check(text) as Text;
  return {
    ...scalar<Text>(
      name,
      (writer, text) => writer.str(text),
      (reader) => decodeWith(name, () => parse(Str.decode(reader))),
    ),
    parse,
  };
}

/** Runs a parser of ours while decoding: what it refuses is a {@link DecodeError}. */
export function decodeWith<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof DecodeError || !ParsecError.is(error)) throw error;
    throw new DecodeError(`not a valid ${name}`, { cause: error });
  }
}

/** Unicode Normalization Form C; `undefined` for a lone surrogate, which no UTF-8 can hold. */
export function toNfc(text: string): string | undefined {
  if (isAscii(text)) return text;
  return isWellFormed(text) ? text.normalize("NFC") : undefined;
}

/** False when the text holds half of a surrogate pair. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Size of the text in UTF-8 bytes: the unit of all limits of spec 03. */
export function utf8Size(text: string): number {
  return isAscii(text) ? text.length : utf8(text).length;
}

/** Nearly all texts are, and then need no further work. */
function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}
