import { forEachConcurrently, hasCode, utf8 } from "@parsec/base";
import { ConnectionError } from "@parsec/connection";
import {
  type CertificateBasedInfoOrigin,
  type DateTime,
  EntryName,
  isRoleAtLeast,
  type LocalUserManifestWorkspaceEntry,
  type RealmRoleCertificate,
  type UserId,
  type VlobId,
} from "@parsec/types";
import { isRevokedAt, latest, membersAt, profileAt, roleAt, roleCertificateAt } from "../certificates/at.ts";
import type { CertificateView } from "../certificates/view.ts";

type Entry = LocalUserManifestWorkspaceEntry;

/** The name that the certificates of a realm give it; `undefined` when they give none. Throws as realm keys do. */
export type ReadRealmName = (
  realmId: VlobId,
) => Promise<{ readonly name: EntryName; readonly timestamp: DateTime } | undefined>;

export interface WorkspaceListSource {
  readonly view: CertificateView;
  readonly self: UserId;
  readonly userRealmId: VlobId;
  readonly now: DateTime;
  readonly readName: ReadRealmName;
}

export interface WorkspaceList {
  /** Sorted by name. */
  readonly entries: readonly Entry[];
  /** Workspaces that are lost to us: their local storage is to be deleted. */
  readonly lost: readonly VlobId[];
}

const placeholder: CertificateBasedInfoOrigin = { type: "PLACEHOLDER" };

/** The list of workspaces that the certificates imply, with what only the old list knows (spec 09a §7.8). */
export async function listWorkspaces(source: WorkspaceListSource, old: readonly Entry[]): Promise<WorkspaceList> {
  const entries = new Map<VlobId, Entry>();
  const lost = new Set<VlobId>();
  const known = new Map(old.map((entry) => [entry.id, entry]));
  await forEachConcurrently(realmsOf(source), namesAtOnce, async (realmId) => {
    const state = await entryOf(source, realmId, known.get(realmId));
    if (state === "deleted") lost.add(realmId);
    else if (state !== undefined) entries.set(realmId, state);
  });
  for (const entry of old) {
    if (entries.has(entry.id) || lost.has(entry.id)) continue;
    if (roleAt(source.view, entry.id, source.self, latest) === null) lost.add(entry.id);
    else entries.set(entry.id, asPlaceholder(entry));
  }
  return { entries: [...entries.values()].sort(byName), lost: [...lost] };
}

/** Each asks the server for the keys of its workspace. */
const namesAtOnce = 8;

/** In the order of their first certificate, without the realm of the user manifest. */
function realmsOf({ view, self, userRealmId }: WorkspaceListSource): readonly VlobId[] {
  return view.realmIds().filter((id) => id !== userRealmId && roleAt(view, id, self, latest) !== undefined);
}

/** `undefined`: not ours, or not to be seen now. */
async function entryOf(
  source: WorkspaceListSource,
  realmId: VlobId,
  old: Entry | undefined,
): Promise<Entry | "deleted" | undefined> {
  const { view, self, now } = source;
  const certificate = roleCertificateAt(view, realmId, self, latest);
  if (certificate === undefined || certificate.role === null) return undefined;
  const archiving = view.archivings(realmId).at(-1);
  const configuration = archiving?.configuration ?? { type: "AVAILABLE" };
  if (configuration.type === "DELETION_PLANNED" && configuration.deletionDate <= now) return "deleted";
  const name = await nameOf(source, realmId, old);
  if (name === undefined) return undefined;
  return {
    id: realmId,
    ...name,
    role: certificate.role,
    roleOrigin: certificateOrigin(certificate.timestamp),
    archivingConfiguration: configuration,
    archivingConfigurationOrigin: archiving === undefined ? placeholder : certificateOrigin(archiving.timestamp),
    canSelfPromoteToOwner: canSelfPromote(view, certificate),
  };
}

/**
 * Unreadable or not there yet: the old name, or one made of the id. Out of reach of the server: the old name as it
 * was. No longer accessible: nothing.
 */
async function nameOf(
  { view, readName }: WorkspaceListSource,
  realmId: VlobId,
  old: Entry | undefined,
): Promise<Pick<Entry, "name" | "nameOrigin"> | undefined> {
  // What a certificate has said once it says for ever: a login asks for no keys to read it again.
  const origin = old?.nameOrigin;
  const isRead = origin?.type === "CERTIFICATE" && origin.timestamp === view.realmNames(realmId).at(-1)?.timestamp;
  if (old !== undefined && isRead) return { name: old.name, nameOrigin: old.nameOrigin };
  const substitute = { name: old?.name ?? EntryName.parse(`Workspace ${realmId}`), nameOrigin: placeholder };
  try {
    const current = await readName(realmId);
    if (current === undefined) return substitute;
    return { name: current.name, nameOrigin: certificateOrigin(current.timestamp) };
  } catch (error) {
    if (error instanceof ConnectionError) return old ?? substitute;
    if (hasCode(error, "REALM_ACCESS_DENIED", "REALM_DELETED")) return undefined;
    if (hasCode(error, ...unreadableName)) return substitute;
    throw error;
  }
}

const unreadableName = [
  "INVALID_REALM_NAME",
  "INVALID_KEYS_BUNDLE",
  "MISSING_KEY_ROTATIONS",
  "REALM_KEY_CORRUPTED",
  "REALM_KEY_NOT_FOUND",
] as const;

/** Nobody active stands above us who could do it (spec 09a §7.7). */
function canSelfPromote(view: CertificateView, { realmId, role, userId }: RealmRoleCertificate): boolean {
  if (role === null || role === "OWNER" || profileAt(view, userId, latest) === "OUTSIDER") return false;
  return [...membersAt(view, realmId, latest)].every(
    ([member, memberRole]) =>
      isRoleAtLeast(role, memberRole) ||
      isRevokedAt(view, member, latest) ||
      profileAt(view, member, latest) === "OUTSIDER",
  );
}

/** What this device alone says of a workspace. */
function asPlaceholder(entry: Entry): Entry {
  return {
    ...entry,
    nameOrigin: placeholder,
    roleOrigin: placeholder,
    archivingConfigurationOrigin: placeholder,
    canSelfPromoteToOwner: false,
  };
}

/** The entry of a workspace that was just made here. */
export function newWorkspaceEntry(id: VlobId, name: EntryName): Entry {
  return asPlaceholder({
    id,
    name,
    nameOrigin: placeholder,
    role: "OWNER",
    roleOrigin: placeholder,
    archivingConfiguration: { type: "AVAILABLE" },
  });
}

/** `entries` with one more, in its place. */
export function insertEntry(entries: readonly Entry[], entry: Entry): readonly Entry[] {
  return [...entries, entry].sort(byName);
}

/** Equal names are told apart by their ids, so that the order is the same each time. */
function byName(a: Entry, b: Entry): number {
  return compareUtf8(a.name, b.name) || (a.id < b.id ? -1 : 1);
}

function certificateOrigin(timestamp: DateTime): CertificateBasedInfoOrigin {
  return { type: "CERTIFICATE", timestamp };
}

/** The order of the UTF-8 bytes: code points, not UTF-16 units. */
function compareUtf8(a: string, b: string): number {
  const [x, y] = [utf8(a), utf8(b)];
  const i = x.findIndex((byte, index) => byte !== y[index]);
  return i < 0 ? x.length - y.length : (x[i] ?? 0) - (y[i] ?? -1);
}
