import { hasCode, ParsecError } from "@parsec/base";
import type { KeyDerivation, PrivateKey, SecretKey } from "@parsec/crypto";
import {
  openRealmKeysBundle,
  openRealmKeysBundleAccess,
  opensKeyCanary,
  type RealmKeyRotationCertificate,
  type RealmKeysBundle,
  type Unverified,
} from "@parsec/types";
import type { CertificateView } from "../certificates/view.ts";
import { InvalidKeysBundleError, type KeysBundleDefect, type KeysBundleOrigin } from "./keys-bundle-error.ts";

/** One key of a realm. A corrupted one opens nothing, and is still carried over to the next bundle. */
export interface RealmKey {
  readonly realmKey: KeyDerivation;
  readonly isCorrupted: boolean;
}

/** The last keys bundle of a realm, validated. `keys[i - 1]` has index i. */
export interface LoadedKeysBundle {
  readonly keys: readonly RealmKey[];
  /** Sealed again for each new member (spec 04 §3.2). */
  readonly keysBundleKey: SecretKey;
}

/** What `realm_get_keys_bundle` gives. */
export interface SealedKeysBundle {
  readonly keysBundleAccess: Uint8Array;
  readonly keysBundle: Uint8Array;
}

/**
 * Opens and validates the bundle of the last of `rotations` (spec 09a §5.3). Its date is not compared: writers do not
 * give it the date of the certificate.
 * @throws InvalidKeysBundleError
 */
export function loadKeysBundle(
  view: CertificateView,
  rotations: readonly RealmKeyRotationCertificate[],
  last: RealmKeyRotationCertificate,
  sealed: SealedKeysBundle,
  privateKey: PrivateKey,
): LoadedKeysBundle {
  const open = () => openRealmKeysBundleAccess(sealed.keysBundleAccess, privateKey);
  return loadOpenedKeysBundle(view, rotations, last, sealed.keysBundle, step("CORRUPTED_ACCESS", last, open));
}

/** {@link loadKeysBundle}, with what its access holds. @throws InvalidKeysBundleError */
export function loadOpenedKeysBundle(
  view: CertificateView,
  rotations: readonly RealmKeyRotationCertificate[],
  last: RealmKeyRotationCertificate,
  keysBundle: Uint8Array,
  keysBundleKey: SecretKey,
): LoadedKeysBundle {
  const unverified = openBundle(last, keysBundle, keysBundleKey);
  const author = view.device(unverified.author ?? last.author);
  if (author === undefined || author.timestamp > unverified.timestamp) {
    throw new InvalidKeysBundleError("NON_EXISTENT_AUTHOR", last);
  }
  const bundle = step("CORRUPTED", last, () => unverified.verify(author.verifyKey).value);
  const defect = mismatch(bundle, last);
  if (defect !== undefined) throw new InvalidKeysBundleError(defect, last);
  return { keys: bundle.keys.map((key, i) => checkCanary(key, rotations[i])), keysBundleKey };
}

function step<T>(defect: KeysBundleDefect, origin: KeysBundleOrigin, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (!ParsecError.is(cause)) throw cause;
    throw new InvalidKeysBundleError(defect, origin, { cause });
  }
}

function openBundle(origin: KeysBundleOrigin, keysBundle: Uint8Array, key: SecretKey): Unverified<RealmKeysBundle> {
  try {
    return openRealmKeysBundle(keysBundle, key);
  } catch (cause) {
    if (!ParsecError.is(cause)) throw cause;
    const defect = hasCode(cause, "DECRYPTION", "NONCE") ? "DECRYPTION" : "CORRUPTED";
    throw new InvalidKeysBundleError(defect, origin, { cause });
  }
}

function mismatch(bundle: RealmKeysBundle, last: RealmKeyRotationCertificate): KeysBundleDefect | undefined {
  if (bundle.realmId !== last.realmId) return "REALM_ID_MISMATCH";
  if (bundle.keys.length !== last.keyIndex) return "KEY_INDEX_MISMATCH";
  return bundle.author === last.author ? undefined : "AUTHOR_MISMATCH";
}

function checkCanary(realmKey: KeyDerivation, rotation: RealmKeyRotationCertificate | undefined): RealmKey {
  return { realmKey, isCorrupted: rotation === undefined || !opensKeyCanary(realmKey, rotation.keyCanary) };
}
