import { utf8 } from "@parsec/base";
import { KeyDerivation, PrivateKey, ready, SecretKey, SigningKey } from "@parsec/crypto";
import { libsodium } from "libsodium-wrappers-sumo";
import { expect, test } from "vitest";
import { bytesOf } from "../src/keys/opaque-bytes.ts";

test("destroy() overwrites the bytes themselves", async () => {
  await ready();
  for (const key of [SecretKey.generate(), KeyDerivation.generate(), PrivateKey.generate(), SigningKey.generate()]) {
    const held = bytesOf(key);
    expect(held.some((byte) => byte !== 0)).toBe(true);
    key.destroy();
    expect(held.every((byte) => byte === 0)).toBe(true);
  }
});

test("the wasm heap keeps no key and no cleartext after a call", async () => {
  await ready({ backend: "wasm" });
  const message = utf8("a cleartext that is found nowhere else: 3f1c9a");
  const secretKey = SecretKey.generate();
  const derivation = KeyDerivation.generate();
  const privateKey = PrivateKey.generate();
  const signingKey = SigningKey.generate();
  secretKey.decrypt(secretKey.encrypt(message));
  expect(() => secretKey.decrypt(new Uint8Array(60))).toThrow();
  secretKey.mac512(message);
  derivation.deriveSecretKey("cadc3f58-3b86-47f2-a322-7400fc02e096");
  privateKey.openSealed(privateKey.publicKey.seal(message));
  privateKey.sharedSecretKey(PrivateKey.generate().publicKey, "CLAIMER");
  signingKey.verifyKey.verify(signingKey.sign(message));
  const heap = Buffer.from(libsodium.HEAPU8.buffer);
  for (const key of [secretKey, derivation, privateKey, signingKey]) {
    expect(heap.indexOf(key.toBytes()), String(key)).toBe(-1);
  }
  expect(heap.indexOf(message)).toBe(-1);
});
