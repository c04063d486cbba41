import { randomBytes, toHex, utf8 } from "@parsec/base";
import {
  combineShares,
  DataSizeError,
  HashDigest,
  KeyDerivation,
  KeyDestroyedError,
  KeySizeError,
  PrivateKey,
  PublicKey,
  ready,
  SecretKey,
  ShamirShare,
  SigningKey,
  UuidError,
  VerifyKey,
} from "@parsec/crypto";
import { beforeAll, describe, expect, test } from "vitest";

const fixedSizeKeys = [
  { type: SecretKey, name: "SecretKey", sizeError: KeySizeError },
  { type: KeyDerivation, name: "KeyDerivation", sizeError: KeySizeError },
  { type: PrivateKey, name: "PrivateKey", sizeError: DataSizeError },
  { type: PublicKey, name: "PublicKey", sizeError: DataSizeError },
  { type: SigningKey, name: "SigningKey", sizeError: DataSizeError },
  { type: VerifyKey, name: "VerifyKey", sizeError: DataSizeError },
  { type: HashDigest, name: "HashDigest", sizeError: DataSizeError },
];

beforeAll(() => ready());

describe.each(fixedSizeKeys)("$name", ({ type, name, sizeError }) => {
  test("takes exactly 32 bytes, and copies them in and out", () => {
    for (const size of [0, 31, 33]) expect(() => type.fromBytes(new Uint8Array(size))).toThrow(sizeError);
    const source = randomBytes(type.size);
    const original = source.slice();
    const key = type.fromBytes(source);
    source.fill(0);
    expect(key.toBytes()).toEqual(original);
    key.toBytes().fill(0);
    expect(key.toBytes()).toEqual(original);
  });

  test("is equal by value, to its own type only", () => {
    const raw = randomBytes(32);
    const other = raw.slice();
    other[31] = (other[31] ?? 0) ^ 1;
    expect(type.fromBytes(raw).equals(type.fromBytes(raw))).toBe(true);
    expect(type.fromBytes(raw).equals(type.fromBytes(other))).toBe(false);
    const stranger = type === SecretKey ? KeyDerivation.fromBytes(raw) : SecretKey.fromBytes(raw);
    expect(type.fromBytes(raw).equals(stranger)).toBe(false);
  });

  test("never prints its bytes", () => {
    const raw = randomBytes(32);
    const key = type.fromBytes(raw);
    const printed = name === "HashDigest" ? `HashDigest(${toHex(raw)})` : `${name}(****)`;
    expect(String(key)).toBe(printed);
    expect(JSON.stringify({ key })).toBe(`{"key":"${printed}"}`);
    expect(Reflect.ownKeys(key)).toEqual([]);
    expect(structuredClone({ key })).toEqual({ key: {} });
  });
});

const secretKeys = fixedSizeKeys.filter(({ type }) => type !== HashDigest);

test.each(secretKeys)("$name is wiped by destroy, and refuses any later use", ({ type }) => {
  const key = type.fromBytes(randomBytes(32));
  key.destroy();
  key.destroy();
  expect(() => key.toBytes()).toThrow(KeyDestroyedError);
  expect(() => key.equals(key)).toThrow(KeyDestroyedError);
  expect(String(key)).toMatch(/\(\*{4}\)$/);
});

test("a destroyed key computes nothing, not even from what it had computed before", () => {
  const data = utf8("data");
  const secretKey = SecretKey.generate();
  const derivation = KeyDerivation.generate();
  const privateKey = PrivateKey.generate();
  const signingKey = SigningKey.generate();
  const { publicKey } = privateKey;
  const { verifyKey } = signingKey;
  const sealed = publicKey.seal(data);
  const signed = signingKey.sign(data);
  for (const key of [secretKey, derivation, privateKey, signingKey]) key.destroy();
  const uses = [
    () => secretKey.encrypt(data),
    () => secretKey.decrypt(new Uint8Array(50)),
    () => secretKey.mac512(data),
    () => secretKey.toRecoveryPassphrase(),
    () => derivation.deriveUuid("00000000000000000000000000000000"),
    () => privateKey.publicKey,
    () => privateKey.openSealed(sealed),
    () => privateKey.sharedSecretKey(publicKey, "CLAIMER"),
    () => signingKey.verifyKey,
    () => signingKey.sign(data),
  ];
  for (const use of uses) expect(use).toThrow(KeyDestroyedError);
  // The public halves are keys of their own.
  expect(verifyKey.verify(signed)).toEqual(data);
});

test("a Shamir share never prints and is wiped too", () => {
  const share = ShamirShare.fromBytes(Uint8Array.of(1, 2));
  expect(`${String(share)} ${JSON.stringify(share)}`).toBe('ShamirShare(****) "ShamirShare(****)"');
  share.destroy();
  expect(() => combineShares([share], 1)).toThrow(KeyDestroyedError);
});

test("a derivation takes a UUID in either form and nothing else", () => {
  const key = KeyDerivation.generate();
  const plain = "cadc3f583b8647f2a3227400fc02e096";
  expect(key.deriveUuid("CADC3F58-3b86-47f2-a322-7400fc02e096")).toBe(key.deriveUuid(plain));
  for (const bad of [
    "",
    plain.slice(1),
    `${plain}0`,
    plain.replace("c", "g"),
    "cadc3f58-3b8647f2-a322-7400-fc02e096",
  ]) {
    expect(() => key.deriveUuid(bad)).toThrow(UuidError);
    expect(() => key.deriveSecretKey(bad)).toThrow(UuidError);
  }
});

test.each([{ type: SecretKey }, { type: KeyDerivation }, { type: PrivateKey }, { type: SigningKey }])(
  "$type.name generates another key each time",
  ({ type }) => {
    expect(toHex(type.generate().toBytes())).not.toBe(toHex(type.generate().toBytes()));
  },
);
