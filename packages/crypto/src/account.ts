import { requireMethods, requireText, toHex, utf8 } from "@parsec/base";
import { HashDigest } from "./keys/hash-digest.ts";
import type { KeyDerivation } from "./keys/key-derivation.ts";
import type { SecretKey } from "./keys/secret-key.ts";
import { uuidBytes } from "./uuid.ts";

/** The three keys of an account's authentication method (spec 01 §4, §8). */
export interface AuthMethodKeys {
  /** 32 hex digits. */
  readonly authMethodId: string;
  /** Makes the account's bearer tokens. */
  readonly macKey: SecretKey;
  /** Encrypts the access to the vault key. */
  readonly secretKey: SecretKey;
}

/** @throws CryptoNotReadyError */
export function deriveAuthMethodKeys(masterSecret: KeyDerivation): AuthMethodKeys {
  requireMethods("masterSecret", masterSecret, "a KeyDerivation", "deriveSecretKey");
  return {
    authMethodId: masterSecret.deriveUuid("00000000000000000000000000000000"),
    macKey: masterSecret.deriveSecretKey("11111111111111111111111111111111"),
    secretKey: masterSecret.deriveSecretKey("22222222222222222222222222222222"),
  };
}

/**
 * Fingerprint of an opaque key in the account's vault (spec 01 §7).
 * @param keyId 32 hex digits, with or without hyphens
 * @throws UuidError, CryptoNotReadyError
 */
export function opaqueKeyFingerprint(keyId: string): HashDigest {
  return HashDigest.of(utf8(`OPAQUE_KEY.${toHex(uuidBytes(keyId))}`));
}

/**
 * Fingerprint of a registration device in the account's vault (spec 01 §7).
 * @param userId 32 hex digits, with or without hyphens
 * @throws UuidError, CryptoNotReadyError
 */
export function registrationDeviceFingerprint(organizationId: string, userId: string): HashDigest {
  requireText("organizationId", organizationId);
  return HashDigest.of(utf8(`REGISTRATION_DEVICE.${organizationId}.${toHex(uuidBytes(userId))}`));
}
