import { encode as peerEncode } from "@msgpack/msgpack";
import { HashDigest, ready } from "@parsec/crypto";
import { decode, encode } from "@parsec/types";
import { describe, expect, it } from "vitest";
import { HashDigestHex, hashDigestHex } from "../src/index.ts";

describe("HashDigestHex", () => {
  it("is the key of a digest, and its bytes on the wire", async () => {
    await ready();
    const digest = HashDigest.of(new Uint8Array([1, 2, 3]));
    expect(decode(HashDigestHex, peerEncode(digest.toBytes()))).toBe(hashDigestHex(digest));
    expect(encode(HashDigestHex, hashDigestHex(digest))).toEqual(new Uint8Array(peerEncode(digest.toBytes())));
  });

  it.each([0, 31, 33])("is not made of %d bytes", (size) => {
    expect(() => decode(HashDigestHex, peerEncode(new Uint8Array(size)))).toThrow(`expected 32 bytes, got ${size}`);
  });
});
