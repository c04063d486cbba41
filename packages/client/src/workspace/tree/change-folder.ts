import {
  DateTime,
  type DeviceId,
  type EntryName,
  FsPath,
  type LocalFolderManifest,
  type NamePattern,
  type VlobId,
} from "@parsec/types";
import type { WorkspaceInfo } from "../../session/workspaces.ts";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import type { LocalManifest, ManifestOptions } from "../manifests.ts";
import type { SentVersions } from "../sync/sent-versions.ts";
import type { TreeLock } from "../tree-lock.ts";
import type { TreeDraft } from "./draft.ts";
import { resolveParent } from "./resolve.ts";

/** What changes of the tree need of a workspace. */
export interface TreeContext {
  readonly realmId: VlobId;
  readonly tree: TreeLock;
  readonly pattern: NamePattern;
  readonly sent: SentVersions;
  readonly deviceId: DeviceId;
  readonly session: { workspaceInfo(realmId: VlobId): Pick<WorkspaceInfo, "role" | "archiving"> };
}

/** @throws WorkspaceError READ_ONLY */
export function checkWritable({ session, realmId }: TreeContext): void {
  const { role, archiving } = session.workspaceInfo(realmId);
  if (role === "READER")
    throw new WorkspaceError("READ_ONLY", "Your role in this workspace is READER: you cannot change it");
  if (archiving.type !== "AVAILABLE") {
    throw new WorkspaceError("READ_ONLY", "This workspace is archived: nobody can change it");
  }
}

/** Now, as a date for `updated`. */
export function now({ session }: Pick<WorkspaceContext, "session">): DateTime {
  return DateTime.fromMicros(session.clock.now());
}

/** Where a change of one folder happens. */
export interface ParentChange {
  readonly draft: TreeDraft;
  /** Leads to the root as long as the change runs. */
  readonly parent: LocalFolderManifest;
  /** The last name of the path. */
  readonly name: EntryName;
}

/**
 * Runs `change` on the parent folder of `path`, under the lock of the tree (see `TreeLock.change`).
 * @throws WorkspaceError READ_ONLY, CANNOT_CHANGE_ROOT, PARENT_NOT_FOUND, PARENT_IS_FILE
 */
export async function changeParent<T>(
  context: TreeContext,
  path: FsPath,
  change: (where: ParentChange) => Promise<T>,
  options: ManifestOptions = {},
): Promise<T> {
  checkWritable(context);
  const name = FsPath.name(path);
  if (name === undefined) throw new WorkspaceError("CANNOT_CHANGE_ROOT", "The root of a workspace stays as it is");
  return context.tree.change(
    async (draft) => change({ draft, parent: await resolveParent(context, draft, path), name }),
    options,
  );
}

/** Tells the session that entries wait for an upload. */
export function announceChanges(
  { session, realmId }: Pick<WorkspaceContext, "session" | "realmId">,
  manifests: readonly LocalManifest[],
): void {
  for (const { needSync, base } of manifests) {
    if (needSync) session.events.send({ type: "outbound_sync_needed", realmId, entryId: base.id });
  }
}
