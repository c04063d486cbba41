import { fromHex, ParsecError, randomBytes, toHex } from "@parsec/base";
import type { Brand } from "./brand.ts";
import { Bytes, type Codec, DecodeError, scalar } from "./codec/index.ts";

export class AccessTokenError extends ParsecError<"INVALID_HEX" | "INVALID_SIZE"> {
  override readonly name: string = "AccessTokenError";
}

const size = 16;

/**
 * What an invitation, bootstrap, TOTP reset or Shamir reveal link gives access with (spec 03 §4): 16 secret bytes, held
 * as 32 lower-case hex digits, `bin` on the wire.
 */
export type AccessToken = Brand<string, "AccessToken">;

export interface AccessTokenKind extends Codec<AccessToken> {
  generate(): AccessToken;
  /** 32 hex digits of any case. @throws AccessTokenError */
  parse(text: string): AccessToken;
  /** 16 bytes. @throws AccessTokenError */
  fromBytes(bytes: Uint8Array): AccessToken;
  toBytes(token: AccessToken): Uint8Array<ArrayBuffer>;
}

export const AccessToken: AccessTokenKind = {
  .../* @__PURE__ */ scalar<AccessToken>(
    "AccessToken",
    (writer, token) => writer.bin(toBytes(token)),
    (reader) => {
      const bytes = Bytes.decode(reader);
      if (bytes.length !== size) throw new DecodeError(`expected ${size} bytes, got ${bytes.length}`);
      return fromBytes(bytes);
    },
  ),
  generate: () => fromBytes(randomBytes(size)),
  parse: (text) => {
    const bytes = fromHex(text);
    if (bytes === undefined) throw new AccessTokenError("INVALID_HEX", "An access token is written in hex digits");
    return fromBytes(bytes);
  },
  fromBytes,
  toBytes,
};

function fromBytes(bytes: Uint8Array): AccessToken {
  if (bytes.length !== size) {
    throw new AccessTokenError("INVALID_SIZE", `An access token has ${size} bytes, this one ${bytes.length}`);
  }
  return toHex(bytes) as AccessToken;
}

function toBytes(token: AccessToken): Uint8Array<ArrayBuffer> {
  return fromHex(token) ?? new Uint8Array(size);
}
