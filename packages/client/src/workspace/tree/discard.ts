import {
  type ChunkId,
  type DateTime,
  type DeviceId,
  type LocalFileManifest,
  localFileManifestFromRemote,
  localFolderManifestFromRemote,
  type NamePattern,
  newLocalFolderManifest,
  type VlobId,
} from "@parsec/types";
import { isFile, isFolder, type LocalManifest } from "../manifests.ts";
import type { TreeDraft } from "./draft.ts";
import { nameIn } from "./name-index.ts";

/** What tells which entries only this device can know of. */
export interface DiscardContext {
  readonly deviceId: DeviceId;
  readonly pattern: NamePattern;
  readonly sent: { has(id: VlobId): boolean };
}

/**
 * Drops what this device alone knows of an entry that was removed, and of all below it: what was never uploaded is
 * forgotten, what was goes back to the version that the server has, and their content is freed. Afterwards an entry
 * that waits for an upload and that no path leads to was not removed by anybody.
 */
export async function discardLocalWork(context: DiscardContext, draft: TreeDraft, id: VlobId): Promise<void> {
  const seen = new Set<VlobId>();
  const left = [id];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const entry = await draft.getLocal(next);
    if (entry === undefined || seen.has(next)) continue;
    seen.add(next);
    draft.discarded(next);
    if (isFolder(entry)) {
      for (const id of entry.children.values()) {
        const child = await draft.getLocal(id);
        // Never seen here: should it come after all, nobody meant to remove it.
        if (child === undefined) draft.put(forgotten(context, next, id, draft.now));
        else if (child.parent === next) left.push(id);
      }
    }
    await discard(context, draft, entry);
  }
}

async function discard(context: DiscardContext, draft: TreeDraft, entry: LocalManifest): Promise<void> {
  const { base, needSync } = entry;
  if (base.version === 0 && (await isUnknownToOthers(context, draft, entry))) {
    draft.delete(base.id);
    if (isFile(entry)) draft.removeChunks(chunksOf(entry));
  } else if (isFile(entry) && needSync) {
    const clean = { ...localFileManifestFromRemote(entry.base), ...sinceNow(base, draft.now) };
    const kept = new Set(chunksOf(clean));
    draft.put(clean);
    draft.removeChunks(chunksOf(entry).filter((chunk) => !kept.has(chunk)));
  } else if (isFolder(entry) && (needSync || entry.localConfinementPoints.size > 0)) {
    draft.put({ ...localFolderManifestFromRemote(entry.base, context.pattern), ...sinceNow(base, draft.now) });
  }
}

/** A forgotten entry tells when it was removed. */
function sinceNow({ version }: LocalManifest["base"], now: DateTime): { updated?: DateTime } {
  return version === 0 ? { updated: now } : {};
}

/** Nothing but the id, see `isForgotten`. The kind does not matter: what comes decides. */
function forgotten({ deviceId }: DiscardContext, parent: VlobId, id: VlobId, now: DateTime): LocalManifest {
  return { ...newLocalFolderManifest(deviceId, parent, now, id), needSync: false };
}

/** An entry that was sent, or that a folder on the server lists, may come back with what others put into it. */
async function isUnknownToOthers({ sent }: DiscardContext, draft: TreeDraft, entry: LocalManifest): Promise<boolean> {
  if (sent.has(entry.base.id)) return false;
  const parent = await draft.getLocal(entry.parent);
  return parent === undefined || !isFolder(parent) || nameIn(parent.base.children, entry.base.id) === undefined;
}

function chunksOf({ blocks }: LocalFileManifest): ChunkId[] {
  return blocks.flat().map(({ id }) => id);
}
