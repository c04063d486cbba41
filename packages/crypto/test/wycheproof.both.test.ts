import { PrivateKey, PublicKey, SharedSecretKeyError, SignatureVerificationError, VerifyKey } from "@parsec/crypto";
import { describe, expect, test } from "vitest";
import { backend } from "../src/backend/current.ts";
import { rsaEngine } from "../src/sequester/current-engine.ts";
import { onEveryBackend } from "./support/backends.ts";
import { hexBytes } from "./support/fields.ts";
import { expectAllRight, sameBytes, setSizes, testRsaSets, wycheproof } from "./support/wycheproof.ts";

describe("wycheproof.json", () => {
  test("has the seven sets that are run here", () => {
    console.log("wycheproof.json:", setSizes);
    expect(Object.keys(wycheproof).sort()).toEqual(Object.keys(setSizes).sort());
  });

  onEveryBackend(() => {
    test(`ed25519: ${setSizes["ed25519"]} signatures`, () => {
      const outcomes = wycheproof.ed25519.flatMap(({ public_key: key, tests }) =>
        tests.map(({ tcId, msg, sig, result }) => {
          const verified = verifies(VerifyKey.fromBytes(hexBytes(key)), hexBytes(sig), hexBytes(msg));
          return { tcId, right: verified === (result === "valid") };
        }),
      );
      expectAllRight("ed25519", outcomes);
    });

    // `acceptable` is settled by libsodium: it refuses an all-zero result, and computes everything else.
    test(`x25519: ${setSizes["x25519"]} exchanges`, () => {
      const outcomes = wycheproof.x25519.flatMap(({ tests }) =>
        tests.map((vector) => {
          const publicKey = hexBytes(vector.public);
          const privateKey = hexBytes(vector.private);
          const shared = backend().x25519(privateKey, publicKey);
          if (!/^0*$/.test(vector.shared)) return { tcId: vector.tcId, right: sameBytes(shared, vector.shared) };
          return { tcId: vector.tcId, right: shared === undefined && refusesExchange(privateKey, publicKey) };
        }),
      );
      expectAllRight("x25519", outcomes);
    });
  });

  describe("RSA engine of the platform", () => testRsaSets(rsaEngine));
});

function verifies(key: VerifyKey, signature: Uint8Array, message: Uint8Array): boolean {
  try {
    key.verifyDetached(signature, message);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(SignatureVerificationError);
    return false;
  }
}

function refusesExchange(privateKey: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    PrivateKey.fromBytes(privateKey).sharedSecretKey(PublicKey.fromBytes(publicKey), "CLAIMER");
    return false;
  } catch (error) {
    return error instanceof SharedSecretKeyError;
  }
}
