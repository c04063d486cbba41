import { fromBase64, toBase64 } from "@parsec/base";
import { type Codec, DecodeError, decode, encode, scalar } from "../codec/index.ts";
import { AddressError } from "./error.ts";

const form = { urlSafe: true, padding: false };

/** The value of the parameter `p`: msgpack, then unpadded URL-safe base64 (spec 03 §5.1). */
export function encodePayload<T>(codec: Codec<T>, value: T): string {
  return toBase64(encode(codec, value), form);
}

/** @throws AddressError */
export function decodePayload<T>(codec: Codec<T>, text: string): T {
  const bytes = fromBase64(text, form);
  if (bytes === undefined) throw invalidPayload();
  try {
    return decode(codec, bytes);
  } catch (error) {
    if (error instanceof DecodeError) throw invalidPayload();
    throw error;
  }
}

function invalidPayload(): AddressError {
  return new AddressError("INVALID_PARAM_VALUE", "The parameter p does not hold what this kind of address needs", {
    param: "p",
  });
}

/** Bytes that the reference writes as an array of integers, and reads in either form. */
export const BytesAsInts: Codec<Uint8Array> = /* @__PURE__ */ scalar<Uint8Array>(
  "Bytes",
  (writer, bytes) => {
    writer.arrayHeader(bytes.length);
    for (const byte of bytes) writer.int(byte);
  },
  (reader) => reader.binOrInts(),
);
