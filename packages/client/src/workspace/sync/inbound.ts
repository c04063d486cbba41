import { vlobPollChanges } from "@parsec/protocol";
import {
  type EntryName,
  type FolderManifest,
  type LocalFileManifest,
  type LocalFolderManifest,
  newLocalFileManifest,
  type VlobId,
} from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { isFile, isFolder, type LocalManifest } from "../manifests.ts";
import { syncConflictName } from "../merge/conflict-name.ts";
import { mergeFile } from "../merge/file.ts";
import { mergeFolder } from "../merge/folder.ts";
import { fetchLatest } from "../remote/fetch-manifest.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import { realmReplyError } from "../remote/realm-replies.ts";
import type { TreeDraft } from "../tree/draft.ts";
import { nameIn } from "../tree/name-index.ts";
import { whereabouts } from "../tree/path-of.ts";

export interface InboundOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * - `updated`: the local state has the newer version in it.
 * - `no_change`: it had it already.
 * - `confined`: the entry stays on this device; what the server has of it is not looked at.
 */
export type InboundOutcome = "updated" | "no_change" | "confined";

/**
 * Asks the server which entries changed, and notes it for those that this device has (spec 11 §12.1).
 * @throws ClientError, UnexpectedReplyError
 */
export async function refreshCheckpoint(context: WorkspaceContext, options: InboundOptions = {}): Promise<void> {
  const { session, realmId, store } = context;
  const lastCheckpoint = await store.getCheckpoint();
  const reply = await session.connection.send(vlobPollChanges, { realmId, lastCheckpoint }, options);
  if (reply.status !== "ok") throw realmReplyError("vlob_poll_changes", reply);
  if (reply.currentCheckpoint === lastCheckpoint) return;
  const changes = reply.changes.map(([id, remoteVersion]) => ({ id, remoteVersion }));
  await store.updateCheckpoint(reply.currentCheckpoint, changes);
}

/** Fetches the latest version of one entry and merges it (spec 11 §12.2). */
export async function inboundSync(
  context: WorkspaceContext,
  id: VlobId,
  options: InboundOptions = {},
): Promise<InboundOutcome> {
  const known = await context.manifests.getLocal(id);
  if (known === undefined) {
    await context.manifests.get(id, options);
    return "updated";
  }
  const remote = await latest(context, known, options);
  const where = await whereabouts(context, id, options);
  if (where.kind === "reachable" && where.confinedBy !== null) return "confined";
  const outcome = await context.tree.change(async (draft) => {
    const local = await draft.getLocal(id);
    return local === undefined ? "no_change" : merge(context, draft, local, remote);
  }, options);
  if (outcome === "updated") {
    const { session, realmId } = context;
    session.events.send({ type: "inbound_sync_done", realmId, entryId: id });
  }
  return outcome;
}

/** When the latest version is invalid and no newer valid one exists, the known one comes again under its number. */
async function latest(
  context: WorkspaceContext,
  known: LocalManifest,
  options: InboundOptions,
): Promise<RemoteManifest> {
  const { base } = known;
  const { manifest, latestVersion } = await fetchLatest(context, base.id, base.version, options);
  return manifest ?? { ...base, version: latestVersion };
}

async function merge(
  context: WorkspaceContext,
  draft: TreeDraft,
  local: LocalManifest,
  remote: RemoteManifest,
): Promise<InboundOutcome> {
  const { pattern, session } = context;
  const mergeContext = { device: session.device.deviceId, time: draft.now, pattern };
  if (isFile(local)) {
    const merged =
      remote.type === "file_manifest" ? mergeFile(mergeContext, local, remote) : becameFolder(context, local, remote);
    if (merged.outcome === "conflict") return keepBoth(context, draft, local, remote);
    return store(draft, merged);
  }
  // A folder that became a file on the server: the server's word stands, a folder has no content to save.
  const merged =
    remote.type === "folder_manifest"
      ? mergeFolder(mergeContext, local, remote)
      : { outcome: "merged" as const, manifest: context.manifests.fromRemote(remote) };
  return store(draft, merged);
}

/** A file that became a folder on the server: local changes, if any, are saved in a copy. */
function becameFolder(context: WorkspaceContext, local: LocalFileManifest, remote: FolderManifest): Merged | Conflict {
  if (local.needSync) return { outcome: "conflict" };
  return { outcome: "merged", manifest: context.manifests.fromRemote(remote) };
}

type Conflict = { readonly outcome: "conflict" };
type Merged = { readonly outcome: "noChange" } | { readonly outcome: "merged"; readonly manifest: LocalManifest };

function store(draft: TreeDraft, merged: Merged): InboundOutcome {
  if (merged.outcome === "noChange") return "no_change";
  draft.put(merged.manifest);
  return "updated";
}

/** The remote version takes the place of the file; the local content becomes a new file beside it (spec 11 §11.4). */
async function keepBoth(
  context: WorkspaceContext,
  draft: TreeDraft,
  local: LocalFileManifest,
  remote: RemoteManifest,
): Promise<InboundOutcome> {
  draft.put(context.manifests.fromRemote(remote));
  const parent = await draft.getLocal(local.parent);
  if (parent === undefined || !isFolder(parent)) return "updated";
  const copy = copyOf(context, draft, local);
  draft.put(copy);
  await draft.bind(parent.base.id, copyName(parent, local.base.id), copy.base.id);
  return "updated";
}

function copyOf(context: WorkspaceContext, draft: TreeDraft, local: LocalFileManifest): LocalFileManifest {
  const { parent, needSync, updated, size, blocksize, blocks, origin } = local;
  const fresh = newLocalFileManifest(context.session.device.deviceId, parent, draft.now);
  return { ...fresh, needSync, updated, size, blocksize, blocks, origin };
}

function copyName(parent: LocalFolderManifest, id: VlobId): EntryName {
  const name = nameIn(parent.children, id) ?? nameIn(parent.base.children, id);
  return syncConflictName(name, (candidate) => parent.children.has(candidate));
}
