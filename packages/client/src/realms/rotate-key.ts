import { KeyDerivation, type PublicKey, SecretKey } from "@parsec/crypto";
import { type RealmRotateKeyRequest, realmRotateKey } from "@parsec/protocol";
import {
  type DateTime,
  makeKeyCanary,
  type SequesterServiceId,
  sealRealmKeysBundle,
  sealRealmKeysBundleAccess,
  sealSequesterKeysBundleAccess,
  signCertificate,
  type UserId,
  type VlobId,
} from "@parsec/types";
import { latest, membersAt } from "../certificates/at.ts";
import type { CertificateView } from "../certificates/view.ts";
import { SequesterServiceError, UnexpectedReplyError } from "../errors.ts";
import type { SessionContext } from "../session/context.ts";
import { timestampOffset, withGreaterTimestamp } from "../session/greater-timestamp.ts";
import { type AuthoringOptions, localIdempotent, type Outcome, remoteIdempotent, uploaded } from "./outcome.ts";
import { maxRefetches, realmRefusal } from "./realm-refusal.ts";

/**
 * Gives the realm a new key of index `targetKeyIndex`, unless it has one already (spec 09a §6.4).
 * @throws AuthoringError, RealmKeysError, AUTHOR_NOT_ALLOWED, REALM_NOT_FOUND, REALM_DELETED, SequesterServiceError
 */
export async function rotateKey(
  context: SessionContext,
  realmId: VlobId,
  targetKeyIndex: number,
  options: AuthoringOptions = {},
): Promise<Outcome> {
  for (let refetches = 0; ; refetches += 1) {
    const known = await context.realmKeys.bundle(realmId, options);
    const oldKeys = known?.keys.map(({ realmKey }) => realmKey) ?? [];
    if (oldKeys.length + 1 !== targetKeyIndex) return localIdempotent;
    const newKey = KeyDerivation.generate();
    const { reply, timestamp } = await withGreaterTimestamp(context, timestampOffset.realm, async (timestamp) => {
      const request = await buildRotation(context, realmId, { oldKeys, newKey, timestamp });
      return context.connection.send(realmRotateKey, request, options);
    });
    switch (reply.status) {
      case "ok":
        return uploaded(timestamp);
      case "bad_key_index":
        return remoteIdempotent(reply.lastRealmCertificateTimestamp);
      case "participant_mismatch":
        if (refetches === maxRefetches) throw new UnexpectedReplyError("realm_rotate_key", reply.status);
        await context.certificates.require(
          { realm: new Map([[realmId, reply.lastRealmCertificateTimestamp]]) },
          options,
        );
        break;
      case "sequester_service_mismatch":
        if (refetches === maxRefetches) throw new UnexpectedReplyError("realm_rotate_key", reply.status);
        await context.certificates.require({ sequester: reply.lastSequesterCertificateTimestamp }, options);
        break;
      case "rejected_by_sequester_service":
      case "sequester_service_unavailable":
        throw new SequesterServiceError(reply);
      default:
        throw realmRefusal("realm_rotate_key", reply.status);
    }
  }
}

interface NewKey {
  readonly oldKeys: readonly KeyDerivation[];
  readonly newKey: KeyDerivation;
  readonly timestamp: DateTime;
}

/** A rotation request; everything random in it is new. */
async function buildRotation(
  { device, certificates: { view } }: SessionContext,
  realmId: VlobId,
  { oldKeys, newKey, timestamp }: NewKey,
): Promise<Omit<RealmRotateKeyRequest, "cmd">> {
  const keysBundleKey = SecretKey.generate();
  const keys = [...oldKeys, newKey];
  const common = { author: device.deviceId, timestamp, realmId };
  return {
    realmKeyRotationCertificate: signCertificate(device.signingKey, {
      type: "realm_key_rotation_certificate",
      ...common,
      keyIndex: keys.length,
      encryptionAlgorithm: "BLAKE2_XSALSA20_POLY1305",
      hashAlgorithm: "SHA256",
      keyCanary: makeKeyCanary(newKey),
    }),
    keysBundle: sealRealmKeysBundle(keysBundleKey, device.signingKey, { type: "realm_keys_bundle", ...common, keys }),
    perParticipantKeysBundleAccess: accessesOfMembers(view, realmId, keysBundleKey, {
      userId: device.userId,
      publicKey: device.privateKey.publicKey,
    }),
    perSequesterServiceKeysBundleAccess: await accessesOfServices(view, keysBundleKey),
  };
}

/** One access per member, revoked ones included as long as they have a role, and always ourselves. */
function accessesOfMembers(
  view: CertificateView,
  realmId: VlobId,
  keysBundleKey: SecretKey,
  self: { readonly userId: UserId; readonly publicKey: PublicKey },
): ReadonlyMap<UserId, Uint8Array> {
  const accesses = new Map([[self.userId, sealRealmKeysBundleAccess(keysBundleKey, self.publicKey)]]);
  for (const userId of membersAt(view, realmId, latest).keys()) {
    const user = view.user(userId);
    if (user === undefined || accesses.has(userId)) continue;
    accesses.set(userId, sealRealmKeysBundleAccess(keysBundleKey, user.publicKey));
  }
  return accesses;
}

/** `null` when the organization is not sequestered; empty when it is and has no active service. */
async function accessesOfServices(
  view: CertificateView,
  keysBundleKey: SecretKey,
): Promise<ReadonlyMap<SequesterServiceId, Uint8Array> | null> {
  if (view.sequesterAuthority() === undefined) return null;
  const accesses = new Map<SequesterServiceId, Uint8Array>();
  for (const { serviceId, encryptionKeyDer } of view.sequesterServices()) {
    if (view.sequesterRevocationOf(serviceId) !== undefined) continue;
    accesses.set(serviceId, await sealSequesterKeysBundleAccess(keysBundleKey, encryptionKeyDer));
  }
  return accesses;
}
