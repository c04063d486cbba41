import { fromHex, toHex } from "@parsec/base";
import type { HashDigest } from "@parsec/crypto";
import { type Brand, Bytes, DecodeError, scalar } from "@parsec/types";

const size = 32;

/** A SHA-256 digest as 64 lower-case hex digits: what a `Map` can have as key, `bin` on the wire. */
export type HashDigestHex = Brand<string, "HashDigestHex">;

export const HashDigestHex = /* @__PURE__ */ scalar<HashDigestHex>(
  "HashDigest",
  (writer, digest) => writer.bin(fromHex(digest) ?? new Uint8Array(size)),
  (reader) => {
    const bytes = Bytes.decode(reader);
    if (bytes.length !== size) throw new DecodeError(`expected ${size} bytes, got ${bytes.length}`);
    return toHex(bytes) as HashDigestHex;
  },
);

/** The key of a digest. */
export function hashDigestHex(digest: HashDigest): HashDigestHex {
  return digest.hex as HashDigestHex;
}
