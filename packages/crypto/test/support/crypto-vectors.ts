import { toHex, utf8 } from "@parsec/base";
import {
  AlgorithmError,
  blake2b,
  combineShares,
  deriveAuthMethodKeys,
  emailSalt,
  generateSasCodes,
  HashDigest,
  KeyDerivation,
  KeySizeError,
  opaqueKeyFingerprint,
  type PasswordAlgorithm,
  PrivateKey,
  PublicKey,
  passwordToKeyDerivation,
  passwordToSecretKey,
  registrationDeviceFingerprint,
  SecretKey,
  ShamirShare,
  SigningKey,
  sasCodeFromInteger,
  splitSigned,
  VerifyKey,
  validateUntrusted,
} from "@parsec/crypto";
import { expect } from "vitest";
import file from "../../../../test/vectors/crypto.json" with { type: "json" };
import { backend } from "../../src/backend/current.ts";
import { multiply } from "../../src/shamir/gf256.ts";
import { dealShare } from "../../src/shamir/secret-sharing.ts";
import { bytes, type Fields, fields, hexBytes, number, text, texts } from "./fields.ts";

export interface Vector {
  readonly name: string;
  readonly primitive: string;
  readonly input: Fields;
  readonly expect: Fields;
}

export const vectors: readonly Vector[] = file.vectors;

/** Computes what an entry describes: fields named as those of its `expect`. Errors are thrown. */
export type Compute = (input: Fields) => Fields | Promise<Fields>;

/** The code that our errors have for the kinds of spec 01 §1. */
export const errorCodes: Readonly<Record<string, string>> = {
  Algorithm: "ALGORITHM",
  DataSize: "DATA_SIZE",
  Decryption: "DECRYPTION",
  KeySize: "KEY_SIZE",
  Nonce: "NONCE",
  SequesterPublicKeyDer: "SEQUESTER_PUBLIC_KEY_DER",
  SharedSecretKey: "SHARED_SECRET_KEY",
  Signature: "SIGNATURE",
  SignatureVerification: "SIGNATURE_VERIFICATION",
  ValueTooLarge: "SAS_CODE",
};

const secretKey = (input: Fields, name = "key") => SecretKey.fromBytes(bytes(input, name));
const keyDerivation = (input: Fields) => KeyDerivation.fromBytes(bytes(input, "key"));
const privateKey = (input: Fields, name = "private_key") => PrivateKey.fromBytes(bytes(input, name));
const signingKey = (input: Fields) => SigningKey.fromBytes(bytes(input, "signing_key"));
const hexOf = (key: { toBytes(): Uint8Array }) => toHex(key.toBytes());
const plainUuid = (uuid: string) => uuid.replaceAll("-", "");

function untrusted(algorithm: Fields) {
  expect(text(algorithm, "type")).toBe("ARGON2ID");
  return {
    type: "ARGON2ID",
    memlimitKb: number(algorithm, "memlimit_kb"),
    opslimit: number(algorithm, "opslimit"),
    parallelism: number(algorithm, "parallelism"),
  } as const;
}

function trusted(algorithm: Fields): PasswordAlgorithm {
  return { ...untrusted(algorithm), salt: bytes(algorithm, "salt") };
}

/** Entries that need nothing but the synchronous primitives and Argon2id. */
export const computations: Readonly<Record<string, Compute>> = {
  "SecretKey.decrypt": (input) => ({ cleartext: toHex(secretKey(input).decrypt(bytes(input, "ciphered"))) }),
  // The nonce is not the caller's to choose, except below the port.
  "SecretKey.encrypt": (input) => {
    const sealed = backend().secretBoxSeal(bytes(input, "cleartext"), bytes(input, "nonce"), bytes(input, "key"));
    expect(toHex(secretKey(input).decrypt(sealed))).toBe(text(input, "cleartext"));
    return { ciphered: toHex(sealed) };
  },
  "SecretKey.mac_512": (input) => ({ mac: toHex(secretKey(input).mac512(bytes(input, "data"))) }),
  "SecretKey.load": (input) => ({ key: hexOf(secretKey(input, "raw")) }),
  "SecretKey.from_recovery_passphrase": (input) => {
    const key = SecretKey.fromRecoveryPassphrase(text(input, "passphrase"));
    expect(key.toRecoveryPassphrase()).toBe("D5VR-53YO-QYJW-VJ4A-4DQR-4LVC-W425-3CXN-F3AQ-J6X2-YVPZ-XBAO-NU4Q");
    return { key: hexOf(key) };
  },
  "KeyDerivation.derive_uuid_from_uuid": (input) => {
    const derived = keyDerivation(input).deriveUuid(text(input, "uuid"));
    return { uuid: derived.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5") };
  },
  "KeyDerivation.derive_secret_key_from_uuid": (input) => {
    const uuid = text(input, "uuid");
    const key = keyDerivation(input).deriveSecretKey(uuid);
    expect(keyDerivation(input).deriveSecretKey(plainUuid(uuid).toUpperCase()).equals(key)).toBe(true);
    return { key: hexOf(key) };
  },
  "PrivateKey.decrypt_from_self": (input) => ({
    cleartext: toHex(privateKey(input).openSealed(bytes(input, "ciphered"))),
  }),
  "PrivateKey.public_key": (input) => ({ public_key: hexOf(privateKey(input).publicKey) }),
  "PrivateKey.generate_shared_secret_key": (input) => {
    const role = text(input, "role");
    if (role !== "CLAIMER" && role !== "GREETER") throw new Error("unknown role");
    const peer = PublicKey.fromBytes(bytes(input, "peer_public_key"));
    return { key: hexOf(privateKey(input).sharedSecretKey(peer, role)) };
  },
  "VerifyKey.verify": (input) => {
    const signed = bytes(input, "signed");
    const message = VerifyKey.fromBytes(bytes(input, "verify_key")).verify(signed);
    return { message: toHex(message), signature: toHex(splitSigned(signed).signature) };
  },
  "SigningKey.verify_key": (input) => ({ verify_key: hexOf(signingKey(input).verifyKey) }),
  "SigningKey.sign": (input) => ({
    signature: toHex(signingKey(input).signDetached(bytes(input, "message"))),
    signed: toHex(signingKey(input).sign(bytes(input, "message"))),
  }),
  "HashDigest.from_data": (input) => ({ digest: HashDigest.of(bytes(input, "data")).hex }),
  blake2b_hash: (input) => ({ digest: toHex(blake2b(number(input, "size"), bytes(input, "data"))) }),
  "PasswordAlgorithm.compute": async (input) => {
    const algorithm = trusted(fields(input, "algorithm"));
    const password = text(input, "password");
    const key = await passwordToSecretKey(password, algorithm);
    expect(hexOf(await passwordToKeyDerivation(utf8(password), algorithm))).toBe(hexOf(key));
    return { raw_key_32: hexOf(key) };
  },
  argon2id_salt_from_email: (input) => ({ salt: toHex(emailSalt(text(input, "email"))) }),
  "UntrustedPasswordAlgorithm.validate": (input) => {
    const { memlimitKb, salt, ...rest } = validateUntrusted(
      untrusted(fields(input, "algorithm")),
      text(input, "email"),
    );
    return { algorithm: { ...rest, memlimit_kb: memlimitKb, salt: toHex(salt) } };
  },
  "account auth_method_master_secret": async (input) => {
    const algorithm = validateUntrusted(untrusted(fields(input, "algorithm")), text(input, "email"));
    return { auth_method_master_secret: hexOf(await passwordToKeyDerivation(text(input, "password"), algorithm)) };
  },
  "account auth_method keys": (input) => {
    const keys = deriveAuthMethodKeys(KeyDerivation.fromBytes(bytes(input, "auth_method_master_secret")));
    return {
      auth_method_id: keys.authMethodId,
      auth_method_mac_key: hexOf(keys.macKey),
      auth_method_secret_key: hexOf(keys.secretKey),
    };
  },
  "AccountVaultItemOpaqueKey.fingerprint": (input) => ({ digest: opaqueKeyFingerprint(text(input, "key_id")).hex }),
  "AccountVaultItemRegistrationDevice.fingerprint": (input) => ({
    digest: registrationDeviceFingerprint(text(input, "organization_id"), text(input, "user_id")).hex,
  }),
  "SASCode.generate_sas_codes": (input) => {
    const key = secretKey(input, "shared_secret_key");
    const codes = generateSasCodes(bytes(input, "claimer_nonce"), bytes(input, "greeter_nonce"), key);
    return { claimer_sas: codes.claimerSas, greeter_sas: codes.greeterSas };
  },
  "SASCode.from_int": (input) => ({ code: sasCodeFromInteger(number(input, "value")) }),
  "ShamirRecoverySecret.from_shares": (input) => {
    const shares = texts(input, "shares").map((share) => ShamirShare.fromBytes(hexBytes(share)));
    const secret = toHex(combineShares(shares, number(input, "threshold")));
    expect(toHex(combineShares(shares.slice(-2), 2))).toBe(secret);
    return { secret };
  },
  "ShamirShare.load": (input) => ({ share: hexOf(ShamirShare.fromBytes(bytes(input, "raw"))) }),
  "shamir dealer": (input) => {
    const coefficients = hexBytes(texts(input, "coefficients_highest_degree_first_per_byte").join(""));
    const secret = bytes(input, "secret");
    return { shares: [1, 2, 3, 4, 5].map((x) => hexOf(dealShare(secret, coefficients, x))) };
  },
  "GF(2^8) multiplication": (input) => ({
    products: texts(input, "pairs").map((pair) => {
      const [a = 0, b = 0] = hexBytes(pair);
      return toHex(Uint8Array.of(multiply(a, b)));
    }),
  }),
};

/** Runs one entry and checks what it expects, an error included. */
export async function checkVector(vector: Vector, compute: Compute): Promise<void> {
  const expectedError = vector.expect["error"];
  // DataIntegrity is about what is inside: the envelope opens.
  if (expectedError === undefined || expectedError === "DataIntegrity") {
    expect(vector.expect).toMatchObject(await compute(vector.input));
    return;
  }
  const error = await Promise.resolve()
    .then(() => compute(vector.input))
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error).toMatchObject({ code: errorCodes[text(vector.expect, "error")] });
  if (error instanceof KeySizeError) {
    expect({ expected: error.expected, got: error.got }).toEqual({
      expected: vector.expect["expected"],
      got: vector.expect["got"],
    });
  }
  if (error instanceof AlgorithmError && "algorithm" in vector.expect) {
    expect(error.algorithm).toBe(vector.expect["algorithm"]);
  }
}
