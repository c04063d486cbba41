import {
  type ChunkId,
  type EntryName,
  type FsPath,
  isBlock,
  type LocalFileManifest,
  type LocalFolderManifest,
  newChunkView,
  newLocalFileManifest,
  promoteAsBlock,
  type VlobId,
} from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { idsGone, type Slot } from "../file/slot.ts";
import { isFile, type LocalManifest } from "../manifests.ts";
import type { TreeDraft } from "../tree/draft.ts";
import { childOf } from "../tree/resolve.ts";
import { contentLost, localChunk } from "./chunk-data.ts";
import type { ChunkHold } from "./chunk-pins.ts";
import type { StagedContent } from "./stage-content.ts";

export interface WriteResult {
  readonly id: VlobId;
  /** `unchanged`: the file had exactly this content already. */
  readonly outcome: "created" | "replaced" | "unchanged";
  /** Bytes. */
  readonly size: number;
}

/** The content cannot be stored as it is: these chunks belong to another file by now. See {@link ownChunks}. */
export interface ForeignChunks {
  readonly foreign: ReadonlySet<ChunkId>;
}

/** Where the content of a file goes. */
export interface FilePlace {
  /** For the error. */
  readonly path: FsPath;
  readonly parent: LocalFolderManifest;
  readonly name: EntryName;
}

/**
 * Makes staged content that of the file with that name, which is created when missing.
 * @throws WorkspaceError ENTRY_IS_FOLDER, before anything is changed
 */
export async function putContent(
  context: WorkspaceContext,
  draft: TreeDraft,
  { path, parent, name }: FilePlace,
  staged: StagedContent,
): Promise<WriteResult | ForeignChunks> {
  const child = await childOf(context, draft, parent, name);
  const current = child === undefined ? undefined : asFile(path, child);
  const { size, blocksize, slots } = staged;
  if (current !== undefined && size === current.size && isSame(slots, current.blocks)) {
    return { id: current.base.id, outcome: "unchanged", size };
  }
  const foreign = await foreignChunks(context, staged, current);
  if (foreign.size > 0) return { foreign };
  if (current === undefined) {
    const empty = newLocalFileManifest(context.session.device.deviceId, parent.base.id, draft.now);
    draft.put({ ...empty, size, blocksize, blocks: slots });
    await draft.bind(parent.base.id, name, empty.base.id);
    return { id: empty.base.id, outcome: "created", size };
  }
  draft.put({ ...current, size, blocksize, blocks: slots, needSync: true, updated: draft.now });
  draft.removeChunks(idsGone(current.blocks.flat(), slots.flat()));
  return { id: current.base.id, outcome: "replaced", size };
}

/** Once it has been put: it is the file's own now, or the file had the same. */
export function settleStaged(context: WorkspaceContext, staged: StagedContent, { outcome }: WriteResult): void {
  if (outcome === "unchanged") discardStaged(context, staged);
  else staged.hold.release();
}

/** For content that does not become that of a file: what was stored for it goes. */
export function discardStaged({ pins }: WorkspaceContext, { stored, hold }: StagedContent): void {
  pins.letGo(stored, "delete");
  hold.release();
}

/** @throws WorkspaceError ENTRY_IS_FOLDER */
export function asFile(path: FsPath, child: LocalManifest): LocalFileManifest {
  if (isFile(child)) return child;
  throw new WorkspaceError("ENTRY_IS_FOLDER", `${path} is a folder: a file cannot take its place`, {
    entryId: child.base.id,
  });
}

/** Whether the bytes are the same: digests tell, not ids. */
function isSame(slots: readonly Slot[], others: readonly Slot[]): boolean {
  return slots.length === others.length && slots.every((slot, index) => isSameSlot(slot, others[index] ?? []));
}

function isSameSlot(slot: Slot, other: Slot): boolean {
  const [[one, ...ones], [two, ...twos]] = [slot, other];
  if (one === undefined || two === undefined || ones.length + twos.length > 0 || !isBlock(one) || !isBlock(two)) {
    return false;
  }
  return one.start === two.start && one.stop === two.stop && one.access.digest.equals(two.access.digest);
}

/**
 * Chunks that were taken over from the file as it was when the writing began, and that only one manifest may name since
 * the server does not have them. Meanwhile the path may have come to lead to another file, or the content have gone to
 * a conflict copy.
 */
async function foreignChunks(
  { store, pins }: WorkspaceContext,
  { slots, stored }: StagedContent,
  current: LocalFileManifest | undefined,
): Promise<ReadonlySet<ChunkId>> {
  const own = new Set(stored);
  for (const view of current?.blocks.flat() ?? []) own.add(view.id);
  const foreign = new Set<ChunkId>();
  for (const { id } of slots.flat()) {
    if (own.has(id) || pins.isAbandoned(id)) continue;
    const info = await store.getChunkInfo(id);
    if (info !== undefined && !info.sent) foreign.add(id);
  }
  return foreign;
}

/**
 * The same content in chunks of its own in place of foreign ones.
 * @throws WorkspaceError CHUNK_NOT_FOUND when one of them is damaged
 */
export async function ownChunks(
  context: WorkspaceContext,
  staged: StagedContent,
  { foreign }: ForeignChunks,
): Promise<StagedContent> {
  const copies: ChunkId[] = [];
  try {
    const slots: Slot[] = [];
    for (const slot of staged.slots) slots.push(await ownSlot(context, staged.hold, slot, foreign, copies));
    return { ...staged, slots, stored: [...staged.stored, ...copies] };
  } catch (error) {
    context.pins.letGo(copies, "delete");
    throw error;
  }
}

async function ownSlot(
  context: WorkspaceContext,
  hold: ChunkHold,
  slot: Slot,
  foreign: ReadonlySet<ChunkId>,
  copies: ChunkId[],
): Promise<Slot> {
  const [view] = slot;
  if (view === undefined || !isBlock(view) || !foreign.has(view.id)) return slot;
  const { data, damage } = await localChunk(context, view.id);
  if (damage !== undefined) throw contentLost({}, damage);
  // The server has it by now: anybody may name it.
  if (data === undefined) return slot;
  const copy = promoteAsBlock(newChunkView(view.start, view.stop), view.access.digest);
  hold.add([copy.id]);
  copies.push(copy.id);
  await context.store.setChunks([{ id: copy.id, data }]);
  return [copy];
}
