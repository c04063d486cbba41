import type { PrivateKey, PublicKey, SecretKey, SequesterPrivateKey, SequesterPublicKey } from "@parsec/crypto";
import { type Infer, tagged } from "../codec/index.ts";
import { dumpAndSeal, unsealAndLoad } from "../envelope.ts";
import { armorDecryptAndLoad, dumpAndArmorEncrypt } from "../envelope-rsa.ts";
import { SecretKeyCodec } from "../keys.ts";

/** What opens a keys bundle, one for each key rotation and recipient. It is not signed (spec 04 §3.2). */
export const RealmKeysBundleAccess = /* @__PURE__ */ tagged("type", "realm_keys_bundle_access", {
  keysBundleKey: SecretKeyCodec,
});
export type RealmKeysBundleAccess = Infer<typeof RealmKeysBundleAccess>;

/** An access for a user. */
export function sealRealmKeysBundleAccess(keysBundleKey: SecretKey, recipient: PublicKey): Uint8Array<ArrayBuffer> {
  return dumpAndSeal(RealmKeysBundleAccess, accessOf(keysBundleKey), recipient);
}

/**
 * The key of the bundle, out of a user's access.
 * @throws DecryptionError
 * @throws BadSerializationError
 */
export function openRealmKeysBundleAccess(sealed: Uint8Array, recipient: PrivateKey): SecretKey {
  return unsealAndLoad(RealmKeysBundleAccess, sealed, recipient).keysBundleKey;
}

/** An access for a sequester service. */
export function sealSequesterKeysBundleAccess(
  keysBundleKey: SecretKey,
  service: SequesterPublicKey,
): Promise<Uint8Array<ArrayBuffer>> {
  return dumpAndArmorEncrypt(RealmKeysBundleAccess, accessOf(keysBundleKey), service);
}

/**
 * The key of the bundle, out of a sequester service's access.
 * @throws DecryptionError
 * @throws BadSerializationError
 */
export async function openSequesterKeysBundleAccess(
  encrypted: Uint8Array,
  service: SequesterPrivateKey,
): Promise<SecretKey> {
  return (await armorDecryptAndLoad(RealmKeysBundleAccess, encrypted, service)).keysBundleKey;
}

function accessOf(keysBundleKey: SecretKey): RealmKeysBundleAccess {
  return { type: "realm_keys_bundle_access", keysBundleKey };
}
