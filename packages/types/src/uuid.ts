import { fromHex, randomBytes, toHex } from "@parsec/base";
import type { Brand } from "./brand.ts";
import { type Codec, type Reader, scalar, type Writer } from "./codec/index.ts";

/** msgpack extension type of every UUID (spec 02 §2). */
const uuidExtension = 2;
const uuidSize = 16;

/** A kind of 16-byte identifier: its codec, and how to make, parse and show one. */
export interface UuidKind<Name extends string> extends Codec<Brand<string, Name>> {
  /** A fresh random one (version 4). */
  generate(): Brand<string, Name>;
  /** 32 hex digits, hyphenated, `{hyphenated}` or `urn:uuid:hyphenated`, any case; else `undefined`. */
  parse(text: string): Brand<string, Name> | undefined;
  fromBytes(bytes: Uint8Array): Brand<string, Name> | undefined;
  /** 16 bytes in network order. */
  toBytes(id: Brand<string, Name>): Uint8Array<ArrayBuffer>;
  /** Lower-case with hyphens, for messages. */
  display(id: Brand<string, Name>): string;
}

/** Declares an identifier of spec 03 §1, a string of 32 lower-case hex digits. Version and variant bits are not checked. */
export function uuidKind<const Name extends string>(name: Name): UuidKind<Name> {
  type Id = Brand<string, Name>;
  const brandHex = (hex: string): Id => hex as Id;
  const fromBytes = (bytes: Uint8Array) => (bytes.length === uuidSize ? brandHex(toHex(bytes)) : undefined);
  const toBytes = (id: Id) => fromHex(id) ?? new Uint8Array(uuidSize);
  return {
    ...scalar<Id>(
      name,
      (writer: Writer, id) => writer.ext(uuidExtension, toBytes(id)),
      (reader: Reader) => brandHex(reader.hexExt(uuidExtension, uuidSize)),
    ),
    generate: () => brandHex(toHex(randomUuid())),
    parse: (text) => {
      const hex = parseUuid(text);
      return hex === undefined ? undefined : brandHex(hex);
    },
    fromBytes,
    toBytes,
    display: (id) => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
  };
}

const hyphenated = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/;

function parseUuid(text: string): string | undefined {
  const lower = text.toLowerCase();
  if (/^[0-9a-f]{32}$/.test(lower)) return lower;
  const bare = /^\{(.*)\}$/.exec(lower)?.[1] ?? /^urn:uuid:(.*)$/.exec(lower)?.[1] ?? lower;
  const match = hyphenated.exec(bare);
  return match === null ? undefined : match.slice(1).join("");
}

function randomUuid(): Uint8Array {
  const bytes = randomBytes(uuidSize);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}
