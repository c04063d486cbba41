import type { KeyDerivation, SecretKey, SigningKey } from "@parsec/crypto";
import { type Infer, list, refined, tagged } from "../codec/index.ts";
import { decryptAndUnsecureLoad, dumpSignAndEncrypt } from "../envelope.ts";
import { DeviceId, VlobId } from "../ids.ts";
import { KeyDerivationCodec } from "../keys.ts";
import { DateTime } from "../time.ts";
import type { Unverified } from "../verified.ts";

const Keys = /* @__PURE__ */ refined(
  /* @__PURE__ */ list(KeyDerivationCodec),
  "a keys bundle holds at least one key",
  (keys) => keys.length > 0,
);

/**
 * All keys of a realm since its creation, the oldest first: `keys[i - 1]` has index i (spec 04 §3.1). The timestamp may
 * differ from the one of the key rotation certificate.
 */
export const RealmKeysBundle = /* @__PURE__ */ tagged("type", "realm_keys_bundle", {
  author: DeviceId,
  timestamp: DateTime,
  realmId: VlobId,
  keys: Keys,
});
export type RealmKeysBundle = Infer<typeof RealmKeysBundle>;

/** The index of the last key. */
export function bundleKeyIndex(bundle: RealmKeysBundle): number {
  return bundle.keys.length;
}

/** The key of that index; `undefined` when the bundle has none. Index 0 is never valid. */
export function bundleKey(bundle: RealmKeysBundle, keyIndex: number): KeyDerivation | undefined {
  return bundle.keys[keyIndex - 1];
}

/** Signed, then encrypted with a key made for this bundle alone. */
export function sealRealmKeysBundle(
  keysBundleKey: SecretKey,
  signingKey: SigningKey,
  bundle: RealmKeysBundle,
): Uint8Array<ArrayBuffer> {
  return dumpSignAndEncrypt(RealmKeysBundle, bundle, { signingKey, key: keysBundleKey });
}

/**
 * The bundle, its signature still to be checked: its author is only known once it is open.
 * @throws DecryptionError
 * @throws SignatureError when shorter than a signature
 * @throws BadSerializationError
 */
export function openRealmKeysBundle(encrypted: Uint8Array, keysBundleKey: SecretKey): Unverified<RealmKeysBundle> {
  return decryptAndUnsecureLoad(RealmKeysBundle, encrypted, keysBundleKey);
}
