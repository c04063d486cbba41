import { hasCode } from "@parsec/base";
import type { SecretKey, VerifyKey } from "@parsec/crypto";
import type { VlobItem } from "@parsec/protocol";
import {
  type DateTime,
  type DeviceId,
  type FileManifest,
  type FolderManifest,
  localFileManifestFromRemote,
  openChildManifest,
  openWorkspaceManifest,
  type RealmRole,
  type UserId,
  type VlobId,
} from "@parsec/types";
import type { Certificates } from "../../certificates/certificates.ts";
import type { CertificateView } from "../../certificates/view.ts";
import type { RealmKeys } from "../../realm-keys/realm-keys.ts";
import { InvalidManifestError, type InvalidManifestReason } from "../errors.ts";

export type RemoteManifest = FileManifest | FolderManifest;

/** What a version is opened and judged with. */
export interface ManifestReader {
  readonly realmId: VlobId;
  readonly session: {
    readonly certificates: Pick<Certificates, "require">;
    readonly realmKeys: Pick<RealmKeys, "forDecryption">;
  };
}

/** Up to which certificates the reader must know the organization to judge a reply. */
export interface NeededCertificates {
  readonly neededCommonCertificateTimestamp: DateTime;
  readonly neededRealmCertificateTimestamp: DateTime;
}

/** What the server says of one version of one vlob. */
interface Announced {
  readonly vlobId: VlobId;
  readonly keyIndex: number;
  readonly author: DeviceId;
  readonly version: number;
  readonly timestamp: DateTime;
  readonly blob: Uint8Array;
}

/**
 * Opens and checks one version that the server gave, in the order of spec 11 §14. The root must be its own parent.
 * @throws InvalidManifestError, and what `certificates.require` and `realmKeys.forDecryption` throw
 */
export async function openManifest(
  context: ManifestReader,
  item: VlobItem,
  needed: NeededCertificates,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<RemoteManifest> {
  const { realmId, session } = context;
  const [vlobId, keyIndex, author, version, timestamp, blob] = item;
  const announced = { vlobId, keyIndex, author, version, timestamp, blob };
  const view = await session.certificates.require(
    {
      common: needed.neededCommonCertificateTimestamp,
      realm: new Map([[realmId, needed.neededRealmCertificateTimestamp]]),
    },
    options,
  );
  const key = await keyOf(context, announced, options);
  const { userId, verifyKey } = authorOf(view, announced);
  const manifest = openWith(announced, key, verifyKey, realmId);
  checkRole(view, realmId, userId, announced);
  return manifest;
}

async function keyOf(
  { session, realmId }: ManifestReader,
  announced: Announced,
  options: { signal?: AbortSignal | undefined },
): Promise<SecretKey> {
  try {
    return await session.realmKeys.forDecryption(realmId, announced.keyIndex, announced.vlobId, options);
  } catch (cause) {
    if (hasCode(cause, "REALM_KEY_NOT_FOUND")) throw invalid("NON_EXISTENT_KEY_INDEX", announced, cause);
    if (hasCode(cause, "REALM_KEY_CORRUPTED")) throw invalid("CORRUPTED_KEY", announced, cause);
    throw cause;
  }
}

function authorOf(view: CertificateView, announced: Announced): { userId: UserId; verifyKey: VerifyKey } {
  const device = view.device(announced.author);
  if (device === undefined || device.timestamp > announced.timestamp) throw invalid("NON_EXISTENT_AUTHOR", announced);
  const revocation = view.revocationOf(device.userId);
  if (revocation !== undefined && revocation.timestamp <= announced.timestamp)
    throw invalid("REVOKED_AUTHOR", announced);
  return device;
}

function openWith(announced: Announced, key: SecretKey, verifyKey: VerifyKey, realmId: VlobId): RemoteManifest {
  const { vlobId: id, author, timestamp, version } = announced;
  const expected = { author, timestamp, id, version };
  try {
    const open = id === realmId ? openWorkspaceManifest : openChildManifest;
    const manifest = open(announced.blob, key, verifyKey, expected).value;
    // One that would take much more memory here than on the wire is refused with it.
    if (manifest.type === "file_manifest") localFileManifestFromRemote(manifest);
    return manifest;
  } catch (cause) {
    throw invalid(hasCode(cause, "DECRYPTION", "NONCE") ? "CANNOT_DECRYPT" : "CLEARTEXT_CORRUPTED", announced, cause);
  }
}

function checkRole(view: CertificateView, realmId: VlobId, userId: UserId, announced: Announced): void {
  const role = roleAt(view, realmId, userId, announced.timestamp);
  if (role === null) throw invalid("AUTHOR_NO_ACCESS_TO_REALM", announced);
  if (role === "READER") throw invalid("AUTHOR_REALM_ROLE_CANNOT_WRITE", announced);
}

/** The role that a user had in a realm at that time; null for none. */
function roleAt(view: CertificateView, realmId: VlobId, userId: UserId, time: DateTime): RealmRole | null {
  const last = view.realmRoles(realmId).findLast((role) => role.userId === userId && role.timestamp <= time);
  return last?.role ?? null;
}

function invalid(reason: InvalidManifestReason, announced: Announced, cause?: unknown): InvalidManifestError {
  return new InvalidManifestError(reason, announced, { cause });
}
