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
  const heap = () => Buffer.from(libsodium.HEAPU8.buffer);
  secretKey.decrypt(secretKey.encrypt(message));
  expect(() => secretKey.decrypt(new Uint8Array(60))).toThrow();
  secretKey.mac512(message);
  const derived = derivation.deriveSecretKey("cadc3f58-3b86-47f2-a322-7400fc02e096");
  expect(heap().indexOf(derived.toBytes())).toBe(-1);
  privateKey.openSealed(privateKey.publicKey.seal(message));
  const shared = privateKey.sharedSecretKey(PrivateKey.generate().publicKey, "CLAIMER");
  expect(heap().indexOf(shared.toBytes())).toBe(-1);
  signingKey.verifyKey.verify(signingKey.sign(message));
  for (const key of [secretKey, derivation, privateKey, signingKey, derived, shared]) {
    expect(heap().indexOf(key.toBytes()), String(key)).toBe(-1);
  }
  expect(heap().indexOf(message)).toBe(-1);
});
