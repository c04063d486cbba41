import { generateKeyPairSync } from "node:crypto";
import { concatBytes, ParsecError } from "@parsec/base";
import { SequesterPrivateKey, SequesterPublicKey, SequesterVerifyKey } from "@parsec/crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DerReader, DerSyntaxError, derTag } from "../../src/sequester/der.ts";
import { derInteger, derValue } from "../../src/sequester/der-writer.ts";
import { encodeSpki } from "../../src/sequester/rsa-key.ts";
import { vectors } from "../support/crypto-vectors.ts";
import { bytes } from "../support/fields.ts";

const keys = vectors.filter(({ primitive }) => primitive === "sequester key formats").map(({ input }) => input);
const spki = keys.map((input) => bytes(input, "public_key_spki_der"));
const pkcs8 = keys.map((input) => bytes(input, "private_key_pkcs8_der"));

function codeOf(load: () => unknown): string | undefined {
  try {
    load();
    return undefined;
  } catch (error) {
    if (!ParsecError.is(error)) throw error;
    return error.code;
  }
}

const loadPublic = (der: Uint8Array) => codeOf(() => SequesterPublicKey.fromDer(der));
const loadPrivate = (der: Uint8Array) => codeOf(() => SequesterPrivateKey.fromDer(der));

test("a key cut anywhere, or with something behind it, is refused", () => {
  for (const der of spki) {
    for (let size = 0; size < der.length; size += 1) {
      expect(loadPublic(der.subarray(0, size))).toBe("SEQUESTER_PUBLIC_KEY_DER");
    }
    expect(loadPublic(concatBytes(der, Uint8Array.of(0)))).toBe("SEQUESTER_PUBLIC_KEY_DER");
  }
  for (const der of pkcs8) {
    for (let size = 0; size < der.length; size += 1) {
      expect(loadPrivate(der.subarray(0, size))).toBe("RSA_PRIVATE_KEY_DER");
    }
    expect(loadPrivate(concatBytes(der, Uint8Array.of(0)))).toBe("RSA_PRIVATE_KEY_DER");
  }
});

test("altered bytes give a key or a typed error, and what loads is dumped as it was", () => {
  fc.assert(
    fc.property(fc.constantFrom(...spki), fc.nat(), fc.integer({ min: 1, max: 255 }), (der, at, change) => {
      const altered = der.slice();
      altered[at % der.length] = (altered[at % der.length] ?? 0) ^ change;
      if (loadPublic(altered) === undefined) expect(SequesterPublicKey.fromDer(altered).toDer()).toEqual(altered);
      else expect(loadPublic(altered)).toBe("SEQUESTER_PUBLIC_KEY_DER");
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.constantFrom(...pkcs8), fc.nat(), fc.integer({ min: 1, max: 255 }), (der, at, change) => {
      const altered = der.slice();
      altered[at % der.length] = (altered[at % der.length] ?? 0) ^ change;
      expect([undefined, "RSA_PRIVATE_KEY_DER"]).toContain(loadPrivate(altered));
    }),
    { numRuns: 1000 },
  );
});

test("random bytes give typed errors", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (der) => {
      expect(loadPublic(der)).toBe("SEQUESTER_PUBLIC_KEY_DER");
    }),
  );
});

test("keys that are not RSA are refused", () => {
  const ed25519 = generateKeyPairSync("ed25519", {
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  });
  expect(loadPublic(ed25519.publicKey)).toBe("SEQUESTER_PUBLIC_KEY_DER");
  expect(loadPrivate(ed25519.privateKey)).toBe("RSA_PRIVATE_KEY_DER");
  const pss = generateKeyPairSync("rsa-pss", {
    modulusLength: 1024,
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  });
  expect(loadPublic(pss.publicKey)).toBe("SEQUESTER_PUBLIC_KEY_DER");
});

test("a key made by OpenSSL is dumped byte for byte, of any size and exponent", () => {
  for (const [modulusLength, publicExponent] of [
    [512, 65537],
    [1031, 3],
    [2048, 17],
  ]) {
    const pair = generateKeyPairSync("rsa", {
      modulusLength: modulusLength ?? 0,
      publicExponent,
      publicKeyEncoding: { type: "spki", format: "der" },
      privateKeyEncoding: { type: "pkcs8", format: "der" },
    });
    expect(Buffer.from(SequesterPublicKey.fromDer(pair.publicKey).toDer())).toEqual(pair.publicKey);
    expect(Buffer.from(SequesterPrivateKey.fromDer(pair.privateKey).toDer())).toEqual(pair.privateKey);
  }
});

test("numbers that would take for ever, or make no key, are refused at once", () => {
  const odd = (size: number) => new Uint8Array(size).fill(0xff);
  const three = Uint8Array.of(3);
  expect(loadPublic(encodeSpki({ modulus: odd(2048), exponent: three }))).toBeUndefined();
  for (const [modulus, exponent] of [
    [odd(2049), three],
    [odd(256), odd(9)],
    [odd(256), Uint8Array.of(1)],
    [odd(256), Uint8Array.of(4)],
    [Uint8Array.of(0xff, 0xfe), three],
    [Uint8Array.of(0), three],
  ] as const) {
    expect(loadPublic(encodeSpki({ modulus, exponent }))).toBe("SEQUESTER_PUBLIC_KEY_DER");
  }
});

test("keys too small for the padding say so", async () => {
  const der = generateKeyPairSync("rsa", { modulusLength: 512 }).publicKey.export({ type: "spki", format: "der" });
  await expect(SequesterPublicKey.fromDer(der).encrypt(new Uint8Array(1))).rejects.toMatchObject({ code: "DATA_SIZE" });
  const armored = concatBytes(Buffer.from("RSASSA-PSS-SHA256:"), new Uint8Array(64));
  await expect(SequesterVerifyKey.fromDer(der).verify(armored)).rejects.toMatchObject({
    code: "SIGNATURE_VERIFICATION",
  });
});

describe("the reader is strict", () => {
  test.each([
    ["indefinite length", [0x30, 0x80, 0, 0]],
    ["long form of a short length", [0x30, 0x81, 1, 0]],
    ["length with a leading zero", [0x30, 0x82, 0, 0x80, ...Array.from({ length: 128 }, () => 0)]],
    ["length of five bytes", [0x30, 0x85, 0, 0, 0, 0, 1, 0]],
    ["longer than the input", [0x30, 0x84, 0xff, 0xff, 0xff, 0xff]],
  ])("%s", (_name, input) => {
    expect(() => new DerReader(Uint8Array.from(input)).readSequence()).toThrow(DerSyntaxError);
  });

  test.each([
    ["negative", [0x80]],
    ["empty", []],
    ["padded", [0, 1]],
  ])("%s integer", (_name, content) => {
    const der = derValue(derTag.integer, Uint8Array.from(content));
    expect(() => new DerReader(der).readInteger()).toThrow(DerSyntaxError);
  });

  test("reads what the writer writes", () => {
    for (const magnitude of [[0], [1], [0x7f], [0x80], [0xff, 0], Array.from({ length: 300 }, () => 0xab)]) {
      const bytes = Uint8Array.from(magnitude);
      expect(new DerReader(derInteger(bytes)).readInteger()).toEqual(bytes);
    }
  });
});
