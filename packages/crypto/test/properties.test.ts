import { createHash } from "node:crypto";
import { concatBytes, ParsecError, toHex } from "@parsec/base";
import {
  blake2b,
  HashDigest,
  KeyDerivation,
  PrivateKey,
  PublicKey,
  ready,
  SecretKey,
  SigningKey,
  sha256,
  VerifyKey,
} from "@parsec/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { onEveryBackend } from "./support/backends.ts";

const data = fc.uint8Array({ maxLength: 2000 });
const raw32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** One bit of `bytes` flipped. */
function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  const at = bit % (8 * bytes.length);
  flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
  return flipped;
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!ParsecError.is(error)) throw error;
    return error.code;
  }
}

onEveryBackend(() => {
  test("what a secret key encrypts opens; with a bit flipped, cut or extended it does not", () => {
    fc.assert(
      fc.property(raw32, data, fc.nat(), (raw, message, bit) => {
        const key = SecretKey.fromBytes(raw);
        const sealed = key.encrypt(message);
        expect(toHex(key.decrypt(sealed))).toBe(toHex(message));
        expect(codeOf(() => key.decrypt(flip(sealed, bit)))).toBe("DECRYPTION");
        const cut = sealed.subarray(0, bit % sealed.length);
        expect(codeOf(() => key.decrypt(cut))).toBe(cut.length < 24 ? "NONCE" : "DECRYPTION");
        expect(codeOf(() => key.decrypt(concatBytes(sealed, Uint8Array.of(0))))).toBe("DECRYPTION");
      }),
    );
  });

  test("what a public key seals opens; altered, or with another key, it does not", () => {
    fc.assert(
      fc.property(raw32, data, fc.nat(), (raw, message, bit) => {
        const key = PrivateKey.fromBytes(raw);
        const sealed = key.publicKey.seal(message);
        expect(toHex(key.openSealed(sealed))).toBe(toHex(message));
        expect(codeOf(() => PrivateKey.generate().openSealed(sealed))).toBe("DECRYPTION");
        // Bit 255 of the ephemeral key is not part of the point, but the nonce covers it.
        expect(codeOf(() => key.openSealed(flip(sealed, bit)))).toBe("DECRYPTION");
        expect(codeOf(() => key.openSealed(sealed.subarray(0, bit % sealed.length)))).toBe("DECRYPTION");
      }),
      { numRuns: 50 },
    );
  });

  test("what is signed verifies; altered it does not", () => {
    fc.assert(
      fc.property(raw32, data, fc.nat(), (seed, message, bit) => {
        const key = SigningKey.fromBytes(seed);
        const signed = key.sign(message);
        expect(toHex(key.verifyKey.verify(signed))).toBe(toHex(message));
        expect(codeOf(() => key.verifyKey.verify(flip(signed, bit)))).toBe("SIGNATURE_VERIFICATION");
        const cut = signed.subarray(0, bit % signed.length);
        expect(codeOf(() => key.verifyKey.verify(cut))).toBe(cut.length < 64 ? "SIGNATURE" : "SIGNATURE_VERIFICATION");
        expect(codeOf(() => key.verifyKey.verifyDetached(signed.subarray(0, 63), message))).toBe(
          "SIGNATURE_VERIFICATION",
        );
      }),
      { numRuns: 50 },
    );
  });

  test("any 32 bytes are a verify key, and verify nothing by accident", () => {
    fc.assert(
      fc.property(raw32, fc.uint8Array({ minLength: 64, maxLength: 80 }), (key, signed) => {
        expect(codeOf(() => VerifyKey.fromBytes(key).verify(signed))).toBe("SIGNATURE_VERIFICATION");
      }),
    );
  });

  test("both sides of an exchange get the same key; a role or a peer changed gives another", () => {
    fc.assert(
      fc.property(raw32, raw32, (mine, theirs) => {
        fc.pre(toHex(mine) !== toHex(theirs));
        const own = PrivateKey.fromBytes(mine);
        const peer = PrivateKey.fromBytes(theirs);
        const shared = own.sharedSecretKey(peer.publicKey, "CLAIMER");
        expect(peer.sharedSecretKey(own.publicKey, "GREETER").equals(shared)).toBe(true);
        expect(own.sharedSecretKey(peer.publicKey, "GREETER").equals(shared)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  test("any text is a recovery passphrase or gives a KEY_SIZE error; a printed one reads back", () => {
    fc.assert(
      fc.property(raw32, fc.string({ unit: "grapheme" }), (raw, noise) => {
        const key = SecretKey.fromBytes(raw);
        const text = key.toRecoveryPassphrase();
        expect(text).toMatch(/^([A-Z2-7]{4}-){12}[A-Z2-7]{4}$/);
        expect(SecretKey.fromRecoveryPassphrase(text.toLowerCase().replaceAll("-", " ")).equals(key)).toBe(true);
        expect([undefined, "KEY_SIZE"]).toContain(codeOf(() => SecretKey.fromRecoveryPassphrase(noise)));
      }),
    );
  });

  test("SHA-256 is that of OpenSSL, in both faces", async () => {
    await fc.assert(
      fc.asyncProperty(data, async (message) => {
        const expected = createHash("sha256").update(message).digest("hex");
        expect(HashDigest.of(message).hex).toBe(expected);
        expect((await sha256(message)).hex).toBe(expected);
      }),
      { numRuns: 30 },
    );
  });

  test("BLAKE2b refuses sizes that it has not", () => {
    for (const size of [0, 15, 65, 16.5, Number.NaN])
      expect(codeOf(() => blake2b(size, new Uint8Array(0)))).toBe("DATA_SIZE");
    for (const size of [0, 15, 65]) {
      expect(codeOf(() => blake2b(32, new Uint8Array(0), new Uint8Array(size)))).toBe("DATA_SIZE");
    }
  });
});

test("both backends compute the same from the same input", async () => {
  const input = fc.sample(fc.tuple(raw32, data, fc.uuid()), 30);
  const results: string[][] = [];
  for (const backend of ["wasm", "native"] as const) {
    await ready({ backend });
    results.push(
      input.flatMap(([raw, message, uuid]) => [
        toHex(SecretKey.fromBytes(raw).mac512(message)),
        toHex(KeyDerivation.fromBytes(raw).deriveSecretKey(uuid).toBytes()),
        KeyDerivation.fromBytes(raw).deriveUuid(uuid),
        toHex(PrivateKey.fromBytes(raw).publicKey.toBytes()),
        toHex(SigningKey.fromBytes(raw).sign(message)),
        toHex(blake2b(16, message)),
        String(codeOf(() => PrivateKey.generate().sharedSecretKey(PublicKey.fromBytes(raw), "GREETER"))),
      ]),
    );
  }
  expect(results[0]).toEqual(results[1]);
});
