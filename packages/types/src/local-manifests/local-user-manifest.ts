import { Bool, type Infer, list, optional, struct, tagged, taggedUnion } from "../codec/index.ts";
import { EntryName } from "../entry-name.ts";
import { RealmRole } from "../enumerations.ts";
import { type DeviceId, VlobId } from "../ids.ts";
import { UserManifest } from "../manifests/user-manifest.ts";
import { RealmArchivingConfiguration } from "../realm-archiving-configuration.ts";
import { DateTime } from "../time.ts";

/** Where a value was learned: from a certificate of that timestamp, or nowhere yet (spec 04 §6.3). */
export const CertificateBasedInfoOrigin = /* @__PURE__ */ taggedUnion("type", {
  CERTIFICATE: { timestamp: DateTime },
  PLACEHOLDER: {},
});
export type CertificateBasedInfoOrigin = Infer<typeof CertificateBasedInfoOrigin>;

/** A workspace as it was last seen, for when the server is out of reach. The optional properties are since 3.9. */
export const LocalUserManifestWorkspaceEntry = /* @__PURE__ */ struct({
  id: VlobId,
  name: EntryName,
  nameOrigin: CertificateBasedInfoOrigin,
  role: RealmRole,
  roleOrigin: CertificateBasedInfoOrigin,
  archivingConfiguration: /* @__PURE__ */ optional(RealmArchivingConfiguration),
  archivingConfigurationOrigin: /* @__PURE__ */ optional(CertificateBasedInfoOrigin),
  canSelfPromoteToOwner: /* @__PURE__ */ optional(Bool),
});
export type LocalUserManifestWorkspaceEntry = Infer<typeof LocalUserManifestWorkspaceEntry>;

/** True when nothing can be written there: a reader's workspace, or an archived one. */
export function isReadOnlyWorkspace({ role, archivingConfiguration }: LocalUserManifestWorkspaceEntry): boolean {
  return role === "READER" || (archivingConfiguration !== undefined && archivingConfiguration.type !== "AVAILABLE");
}

/** The workspaces that the user can reach (spec 04 §6.3). */
export const LocalUserManifest = /* @__PURE__ */ tagged("type", "local_user_manifest", {
  base: UserManifest,
  needSync: Bool,
  updated: DateTime,
  localWorkspaces: /* @__PURE__ */ list(LocalUserManifestWorkspaceEntry),
  speculative: Bool,
});
export type LocalUserManifest = Infer<typeof LocalUserManifest>;

/** A new one without workspaces. Speculative: a stand-in until the real one is fetched (spec 04 §6.4). */
export function newLocalUserManifest(
  author: DeviceId,
  now: DateTime,
  { id = VlobId.generate(), speculative }: { readonly id?: VlobId; readonly speculative: boolean },
): LocalUserManifest {
  return {
    type: "local_user_manifest",
    base: { type: "user_manifest", author, timestamp: now, id, version: 0, created: now, updated: now },
    needSync: true,
    updated: now,
    localWorkspaces: [],
    speculative,
  };
}

/** The working copy of an uploaded version. It has no workspaces: the caller carries them over. */
export function localUserManifestFromRemote(remote: UserManifest): LocalUserManifest {
  return {
    type: "local_user_manifest",
    base: remote,
    needSync: false,
    updated: remote.updated,
    localWorkspaces: [],
    speculative: false,
  };
}

/** The next version to upload. */
export function localUserManifestToRemote(local: LocalUserManifest, author: DeviceId, now: DateTime): UserManifest {
  const { id, version, created } = local.base;
  return {
    type: "user_manifest",
    author,
    timestamp: now,
    id,
    version: version + 1,
    created,
    updated: local.updated,
  };
}

/** The first entry with that id. */
export function workspaceEntry(manifest: LocalUserManifest, id: VlobId): LocalUserManifestWorkspaceEntry | undefined {
  return manifest.localWorkspaces.find((entry) => entry.id === id);
}
