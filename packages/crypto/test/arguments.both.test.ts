import * as crypto from "@parsec/crypto";
import { beforeAll, describe, expect, test } from "vitest";

beforeAll(() => crypto.ready());

const { SecretKey, KeyDerivation, PrivateKey, PublicKey, SigningKey, VerifyKey, HashDigest, ShamirShare } = crypto;

/** Anything may be given where types are not looked at. */
type Loose = (...args: readonly unknown[]) => unknown;
const loose = (call: (...args: never[]) => unknown) => call as unknown as Loose;

const key = () => SecretKey.generate();
const algorithm = () => crypto.newPasswordAlgorithm();
/** What people give in place of bytes. `Uint16Array` would silently lose every second byte. */
const noBytes = [
  undefined,
  null,
  "text",
  5,
  [1, 2],
  new Uint16Array(32),
  new ArrayBuffer(32),
  new DataView(new ArrayBuffer(32)),
];
const noText = [undefined, null, 5, new Uint8Array(2), { toString: () => "text" }];

async function failure(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return "nothing failed";
  } catch (error) {
    return error;
  }
}

describe("what is no Uint8Array is refused by name", () => {
  const takers: readonly (readonly [string, Loose])[] = [
    ...[SecretKey, KeyDerivation, PrivateKey, PublicKey, SigningKey, VerifyKey, HashDigest, ShamirShare].map(
      (Class) => ["bytes", loose((bytes: Uint8Array) => Class.fromBytes(bytes))] as const,
    ),
    ["data", (data) => loose(key().encrypt.bind(key()))(data)],
    ["data", (data) => loose(key().decrypt.bind(key()))(data)],
    ["data", (data) => loose(key().mac512.bind(key()))(data)],
    ["data", (data) => loose((bytes: Uint8Array) => SigningKey.generate().sign(bytes))(data)],
    ["data", (data) => loose((bytes: Uint8Array) => SigningKey.generate().signDetached(bytes))(data)],
    ["signed", (data) => loose((bytes: Uint8Array) => SigningKey.generate().verifyKey.verify(bytes))(data)],
    ["signature", (data) => loose((s: Uint8Array) => SigningKey.generate().verifyKey.verifyDetached(s, s))(data)],
    ["data", (data) => loose((bytes: Uint8Array) => PrivateKey.generate().openSealed(bytes))(data)],
    ["data", (data) => loose((bytes: Uint8Array) => PrivateKey.generate().publicKey.seal(bytes))(data)],
    ["data", loose((bytes: Uint8Array) => HashDigest.of(bytes))],
    ["data", loose((bytes: Uint8Array) => crypto.sha256(bytes))],
    ["data", loose((bytes: Uint8Array) => crypto.blake2b(32, bytes))],
    ["data", loose((bytes: Uint8Array) => crypto.sealBlock(key(), bytes))],
    ["data", loose((bytes: Uint8Array) => crypto.openBlock(key(), bytes))],
    ["secret", loose((bytes: Uint8Array) => crypto.splitSecret(bytes, 1, 1))],
    ["claimerNonce", loose((bytes: Uint8Array) => crypto.generateSasCodes(bytes, bytes, key()))],
    ["der", loose((bytes: Uint8Array) => crypto.SequesterPrivateKey.fromDer(bytes))],
    ["der", loose((bytes: Uint8Array) => crypto.SequesterVerifyKey.fromDer(bytes))],
    ["algorithm.salt", loose((salt: Uint8Array) => crypto.passwordToSecretKey("p", { ...algorithm(), salt }))],
  ];

  test.each(takers.map(([argument, take], index) => ({ argument, take, index })))(
    "$argument ($index)",
    async ({ argument, take }) => {
      for (const value of noBytes) {
        expect(await failure(() => take(value))).toMatchObject({ code: "INVALID_ARGUMENT", argument });
      }
    },
  );

  test("bytes of a Buffer's kind are bytes", () => {
    const sub = new (class extends Uint8Array {})(32);
    expect(SecretKey.fromBytes(sub).toBytes()).toEqual(new Uint8Array(32));
  });
});

describe("what is no text is refused by name", () => {
  const takers: readonly (readonly [string, Loose])[] = [
    ["uuid", loose((text: string) => KeyDerivation.generate().deriveSecretKey(text))],
    ["uuid", loose((text: string) => KeyDerivation.generate().deriveUuid(text))],
    ["text", loose((text: string) => SecretKey.fromRecoveryPassphrase(text))],
    ["text", loose((text: string) => crypto.parseSasCode(text))],
    ["email", loose((text: string) => crypto.emailSalt(text))],
    ["email", loose((text: string) => crypto.validateUntrusted(crypto.defaultPasswordParameters, text))],
    ["pem", loose((text: string) => crypto.SequesterPublicKey.fromPem(text))],
    ["pem", loose((text: string) => crypto.SequesterSigningKey.fromPem(text))],
    ["organizationId", loose((text: string) => crypto.registrationDeviceFingerprint(text, "0".repeat(32)))],
  ];

  test.each(takers.map(([argument, take], index) => ({ argument, take, index })))(
    "$argument ($index)",
    async ({ argument, take }) => {
      for (const value of noText) {
        expect(await failure(() => take(value))).toMatchObject({ code: "INVALID_ARGUMENT", argument });
      }
    },
  );
});

describe("any other argument is refused by name", () => {
  const cases: readonly (readonly [string, () => unknown])[] = [
    ["key", () => loose(crypto.sealBlock)("key", new Uint8Array(2))],
    ["key", () => loose(crypto.openBlock)(undefined, new Uint8Array(2))],
    ["options", () => loose(crypto.sealBlock)(key(), new Uint8Array(2), 5)],
    ["signal", () => loose(crypto.sealBlock)(key(), new Uint8Array(2), { signal: {} })],
    ["signal", () => loose(crypto.sha256)(new Uint8Array(2), { signal: "now" })],
    ["signal", () => loose(crypto.passwordToSecretKey)("p", algorithm(), { signal: 5 })],
    ["password", () => loose(crypto.passwordToSecretKey)(undefined, algorithm())],
    ["password", () => loose(crypto.passwordToSecretKey)(5, algorithm())],
    ["algorithm", () => loose(crypto.passwordToSecretKey)("p", undefined)],
    ["algorithm", () => loose(crypto.validateUntrusted)(undefined, "alice@example.com")],
    [
      "role",
      () =>
        loose((role: "CLAIMER") => PrivateKey.generate().sharedSecretKey(PrivateKey.generate().publicKey, role))(
          "claimer",
        ),
    ],
    ["key", () => loose((peer: crypto.PublicKey) => PrivateKey.generate().sharedSecretKey(peer, "CLAIMER"))({})],
    ["other", () => loose((other: crypto.SecretKey) => key().equals(other))({})],
    ["other", () => loose((other: crypto.SecretKey) => key().equals(other))(undefined)],
    ["size", () => loose(crypto.sasCandidates)(crypto.sasCodeFromInteger(0), -1)],
    ["size", () => loose(crypto.sasCandidates)(crypto.sasCodeFromInteger(0), Number.NaN)],
    ["shares", () => loose(crypto.combineShares)("shares", 1)],
    ["threshold", () => loose(crypto.combineShares)([], "1")],
    ["bits", () => loose(crypto.SequesterPrivateKey.generate)(512)],
    ["bits", () => loose(crypto.SequesterSigningKey.generate)("2048")],
    ["masterSecret", () => loose(crypto.deriveAuthMethodKeys)({})],
    ["backend", () => loose(crypto.ready)({ backend: "rust" })],
    ["createWorker", () => loose(crypto.ready)({ createWorker: "worker.js" })],
    ["diagnostics", () => loose(crypto.ready)({ diagnostics: {} })],
    ["options", () => loose(crypto.ready)(null)],
  ];

  test.each(cases.map(([argument, call], index) => ({ argument, call, index })))(
    "$argument ($index)",
    async ({ argument, call }) => {
      expect(await failure(call)).toMatchObject({ code: "INVALID_ARGUMENT", argument });
    },
  );
});
