import { fromBase64, toHex, utf8 } from "@parsec/base";
import {
  emailSalt,
  KeyDerivation,
  opaqueKeyFingerprint,
  passwordToSecretKey,
  ready,
  registrationDeviceFingerprint,
  SecretKey,
} from "@parsec/crypto";
import { createAccountToken } from "@parsec/protocol";
import {
  AccountAuthMethodId,
  DateTime,
  decode,
  dumpAccountVaultItem,
  EmailAddress,
  encode,
  loadAccountVaultItem,
  openAccountVaultKeyAccess,
  openAccountVaultOpaqueKey,
  TrustedPasswordAlgorithm,
  UntrustedPasswordAlgorithm,
} from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { existingPasswordKeys, keysOf, newAuthMethod } from "../src/auth-method-keys.ts";
import { parseValidationCode } from "../src/validation-code.ts";
import { hex, vectors } from "./support/vectors.ts";

beforeAll(() => ready());

const alice = EmailAddress.parse("alice@example.com");

test("kdf", () => {
  const { key_hex, uuid, derive_secret_key_hex, derive_uuid } = vectors.kdf;
  const key = KeyDerivation.fromBytes(hex(key_hex));
  expect(toHex(key.deriveSecretKey(uuid).toBytes())).toBe(derive_secret_key_hex);
  expect(key.deriveUuid(uuid)).toBe(derive_uuid);
});

test.each(vectors.salt_from_email)("the salt of $email", ({ email, salt_hex }) => {
  expect(toHex(emailSalt(email))).toBe(salt_hex);
});

describe("Argon2id", () => {
  const { password, salt_hex, output32_hex, invalid, ...parameters } = vectors.argon2id;
  const algorithm = ({ memlimit_kb, opslimit, parallelism }: (typeof invalid)[number]) =>
    ({ type: "ARGON2ID", memlimitKb: memlimit_kb, opslimit, parallelism, salt: hex(salt_hex) }) as const;

  test("a key", async () => {
    const key = await passwordToSecretKey(password, algorithm(parameters));
    expect(toHex(key.toBytes())).toBe(output32_hex);
  });

  test.each(invalid)("refused: %o", async (refused) => {
    await expect(passwordToSecretKey(password, algorithm(refused))).rejects.toMatchObject({ code: "DATA_SIZE" });
  });
});

describe("the algorithm of a password", () => {
  const { trusted, untrusted, untrusted_minimum, untrusted_too_weak } = vectors.password_algorithm_serialization;

  test("its bytes", () => {
    const there = decode(TrustedPasswordAlgorithm, hex(trusted.raw_hex));
    expect(toHex(encode(TrustedPasswordAlgorithm, there))).toBe(trusted.raw_hex);
    const sent = decode(UntrustedPasswordAlgorithm, hex(untrusted.raw_hex));
    expect(toHex(encode(UntrustedPasswordAlgorithm, sent))).toBe(untrusted.raw_hex);
    expect(sent).toEqual({
      type: "ARGON2ID",
      memlimitKb: untrusted_minimum.memlimit_kb,
      opslimit: untrusted_minimum.opslimit,
      parallelism: untrusted_minimum.parallelism,
    });
  });

  test("the one of new methods is the least that is accepted", async () => {
    const { passwordAlgorithm } = await newAuthMethod({ password: "x" }, alice, {});
    expect(toHex(encode(UntrustedPasswordAlgorithm, passwordAlgorithm ?? expect.unreachable()))).toBe(
      untrusted.raw_hex,
    );
  });

  test.each(untrusted_too_weak)("too weak: %o", async ({ memlimit_kb, opslimit, parallelism }) => {
    const weak = { type: "ARGON2ID", memlimitKb: memlimit_kb, opslimit, parallelism } as const;
    await expect(existingPasswordKeys("x", alice, weak, {})).rejects.toMatchObject({ code: "BAD_PASSWORD_ALGORITHM" });
  });
});

describe("the keys of an authentication method", () => {
  const { cases, password_cases } = vectors.auth_method_keys;
  const expected = (keys: (typeof cases | typeof password_cases)[number]) => ({
    authMethodId: keys.auth_method_id,
    macKey: SecretKey.fromBytes(hex(keys.auth_method_mac_key_hex)),
    secretKey: SecretKey.fromBytes(hex(keys.auth_method_secret_key_hex)),
  });

  test.each(cases)("from a master secret: $auth_method_id", (keys) => {
    expect(keysOf(KeyDerivation.fromBytes(hex(keys.master_secret_hex)))).toEqual(expected(keys));
  });

  test.each(password_cases)("from the password of $email", async (keys) => {
    const { passwordAlgorithm, ...made } = await newAuthMethod(keys, EmailAddress.parse(keys.email), {});
    expect(made).toEqual(expected(keys));
    const algorithm = passwordAlgorithm ?? expect.unreachable();
    const found = await existingPasswordKeys(utf8(keys.password), EmailAddress.parse(keys.email), algorithm, {});
    expect(found).toEqual(made);
  });
});

test("the token of a request", () => {
  const { mac_key_base64, auth_method_id, timestamp_seconds, expected_token } = vectors.authorization_token;
  const macKey = SecretKey.fromBytes(fromBase64(mac_key_base64) ?? expect.unreachable());
  const id = AccountAuthMethodId.parse(auth_method_id) ?? expect.unreachable();
  expect(createAccountToken(id, macKey, DateTime.fromSeconds(timestamp_seconds))).toBe(expected_token);
});

test("mac_512", () => {
  const { key_hex, data_utf8, mac_hex } = vectors.mac_512;
  expect(toHex(SecretKey.fromBytes(hex(key_hex)).mac512(utf8(data_utf8)))).toBe(mac_hex);
});

describe("validation codes", () => {
  test.each(vectors.validation_code.valid)("%s", (code) => {
    expect(parseValidationCode(code)).toBe(code);
  });

  test.each([
    ...vectors.validation_code.invalid.map(({ code, error }) => ({
      code,
      why: error === "BadSize" ? "BAD_SIZE" : "NOT_BASE32",
    })),
    { code: "ad3fxj", why: "NOT_BASE32" },
  ])("refused: $code", ({ code, why }) => {
    expect(() => parseValidationCode(code)).toThrow(
      expect.objectContaining({ code: "INVALID_VALIDATION_CODE", cause: expect.objectContaining({ code: why }) }),
    );
  });
});

test.each(vectors.vault_items)("an item: $id", ({ raw_hex, fingerprint_sha256_hex }) => {
  const item = loadAccountVaultItem(hex(raw_hex));
  expect(toHex(item.encryptedData)).toBe(toHex(utf8("<encrypted_data>")));
  expect(loadAccountVaultItem(dumpAccountVaultItem(item))).toEqual(item);
  const fingerprint =
    item.type === "account_vault_item_opaque_key"
      ? opaqueKeyFingerprint(item.keyId)
      : registrationDeviceFingerprint(item.organizationId, item.userId);
  expect(fingerprint.hex).toBe(fingerprint_sha256_hex);
});

test("the access to a vault key", () => {
  const { key_hex, encrypted_hex, decoded } = vectors.vault_key_access;
  const vaultKey = openAccountVaultKeyAccess(hex(encrypted_hex), SecretKey.fromBytes(hex(key_hex)));
  expect(toHex(vaultKey.toBytes())).toBe(decoded.vault_key.$bytes);
});

test("the content of an opaque key", () => {
  const { key_hex, encrypted_hex, decoded } = vectors.opaque_key_encrypted_data;
  expect(openAccountVaultOpaqueKey(hex(encrypted_hex), SecretKey.fromBytes(hex(key_hex)))).toEqual({
    type: "account_vault_item_opaque_key_encrypted_data",
    keyId: decoded.key_id.$uuid,
    key: SecretKey.fromBytes(hex(decoded.key.$bytes)),
  });
});
