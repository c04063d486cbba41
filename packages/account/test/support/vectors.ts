import { readFileSync } from "node:fs";
import { fromHex } from "@parsec/base";

/** A file of `test/vectors`. The caller says what it holds. */
export function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../../test/vectors/${name}`, import.meta.url), "utf8")) as T;
}

export function hex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error("not hexadecimal");
  return new Uint8Array(bytes);
}

interface KeysOfMethod {
  readonly auth_method_id: string;
  readonly auth_method_mac_key_hex: string;
  readonly auth_method_secret_key_hex: string;
}

/** What the recorder knew of the account behind an exchange; all throw-away. */
export interface ExchangeKeys extends Partial<KeysOfMethod> {
  readonly auth_method_master_secret_hex?: string;
  readonly vault_key_hex?: string;
  readonly new_vault_key_hex?: string;
  readonly new_auth_method_secret_key_hex?: string;
  readonly previous_vault_keys_hex?: readonly string[];
  readonly email?: string;
  readonly password?: string;
  readonly password_auth_method_secret_key_hex?: string;
  readonly previous_passwords?: readonly string[];
}

export interface Exchange {
  readonly id: string;
  readonly family: string;
  readonly cmd: string;
  readonly status: string;
  readonly request: { readonly headers: Readonly<Record<string, string>>; readonly body_hex?: string };
  readonly reply: { readonly body_hex?: string };
  readonly keys: ExchangeKeys;
}

export interface AccountVectors {
  readonly kdf: {
    readonly key_hex: string;
    readonly uuid: string;
    readonly derive_secret_key_hex: string;
    readonly derive_uuid: string;
  };
  readonly salt_from_email: readonly { readonly email: string; readonly salt_hex: string }[];
  readonly argon2id: Argon2idParameters & {
    readonly password: string;
    readonly salt_hex: string;
    readonly output32_hex: string;
    readonly invalid: readonly Argon2idParameters[];
  };
  readonly password_algorithm_serialization: {
    readonly trusted: { readonly raw_hex: string };
    readonly untrusted: { readonly raw_hex: string };
    readonly untrusted_minimum: Argon2idParameters;
    readonly untrusted_too_weak: readonly Argon2idParameters[];
  };
  readonly auth_method_keys: {
    readonly cases: readonly (KeysOfMethod & { readonly master_secret_hex: string })[];
    readonly password_cases: readonly (KeysOfMethod & { readonly email: string; readonly password: string })[];
  };
  readonly authorization_token: {
    readonly mac_key_base64: string;
    readonly auth_method_id: string;
    readonly timestamp_seconds: number;
    readonly expected_token: string;
  };
  readonly mac_512: { readonly key_hex: string; readonly data_utf8: string; readonly mac_hex: string };
  readonly validation_code: {
    readonly valid: readonly string[];
    readonly invalid: readonly { readonly code: string; readonly error: string }[];
  };
  readonly vault_items: readonly {
    readonly id: string;
    readonly raw_hex: string;
    readonly fingerprint_sha256_hex: string;
  }[];
  readonly vault_key_access: {
    readonly key_hex: string;
    readonly encrypted_hex: string;
    readonly decoded: { readonly vault_key: { readonly $bytes: string } };
  };
  readonly opaque_key_encrypted_data: {
    readonly key_hex: string;
    readonly encrypted_hex: string;
    readonly decoded: { readonly key_id: { readonly $uuid: string }; readonly key: { readonly $bytes: string } };
  };
  readonly reference_exchanges: {
    readonly device_from_password: DeviceFromPassword;
    readonly exchanges: readonly Exchange[];
  };
}

interface Argon2idParameters {
  readonly memlimit_kb: number;
  readonly opslimit: number;
  readonly parallelism: number;
}

interface DeviceFromPassword {
  readonly email: string;
  readonly password: string;
  readonly auth_method_id: string;
  readonly vault_item_list_reply_hex: string;
  readonly registration_device: { readonly device_id: string; readonly local_device_msgpack_hex: string };
  readonly device_file_hex: string;
  readonly ciphertext_key_id: string;
  readonly opaque_key_hex: string;
  readonly local_device_msgpack_hex: string;
}

export const vectors = readVectors<AccountVectors>("account.json");
