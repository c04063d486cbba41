import { ParsecError } from "@parsec/base";
import type { BlockAccess } from "../block-access.ts";
import type { ChunkView } from "../chunk-view.ts";
import { DataIntegrityError } from "../data-error.ts";
import { type DeviceId, VlobId } from "../ids.ts";
import { defaultBlocksize, type FileManifest, fileManifestBrokenRule } from "../manifests/file-manifest.ts";
import type { DateTime } from "../time.ts";
import { chunkViewOfBlock, isBlock } from "./chunk-view-rules.ts";
import { type LocalFileManifest, localFileManifestBrokenRule } from "./local-file-manifest.ts";

/** The file holds something else than whole blocks: reshape it before it is uploaded. */
export class NeedReshapeError extends ParsecError<"NEED_RESHAPE"> {
  override readonly name: string = "NeedReshapeError";
  constructor() {
    super("NEED_RESHAPE", "The file must be reshaped into whole blocks before it is uploaded");
  }
}

/**
 * The largest block span, in bytes, that a file may have here: no reply of a server holds a larger block. The default is
 * 512 KiB.
 */
export const maxBlocksize = 64 * 1024 * 1024;

/**
 * The most slots that a file with so many blocks may have: holes cost memory here, and nothing on the wire. A single
 * block may lie 2.5 GiB from the start, in default blocks; ten times as much with forty.
 */
export function maxSlots(blocks: number): number {
  return 4096 + 1024 * blocks;
}

/** A new empty file, never uploaded. */
export function newLocalFileManifest(
  author: DeviceId,
  parent: VlobId,
  now: DateTime,
  id: VlobId = VlobId.generate(),
): LocalFileManifest {
  const content = { size: 0, blocksize: defaultBlocksize, origin: { type: "DEFAULT" } } as const;
  const base: FileManifest = {
    type: "file_manifest",
    author,
    timestamp: now,
    id,
    parent,
    version: 0,
    created: now,
    updated: now,
    ...content,
    blocks: [],
  };
  return { type: "local_file_manifest", base, parent, needSync: true, updated: now, ...content, blocks: [] };
}

/**
 * The working copy of an uploaded version, without local changes. What it takes in memory is in proportion to what the
 * version takes on the wire.
 * @throws DataIntegrityError when its blocks are larger than {@link maxBlocksize}, or lie beyond {@link maxSlots}
 */
export function localFileManifestFromRemote(remote: FileManifest): LocalFileManifest {
  const { parent, updated, size, blocksize, origin } = remote;
  return {
    type: "local_file_manifest",
    base: remote,
    parent,
    needSync: false,
    updated,
    size,
    blocksize,
    blocks: slotsOf(remote),
    origin,
  };
}

const emptySlot: readonly ChunkView[] = [];

function slotsOf(remote: FileManifest): readonly (readonly ChunkView[])[] {
  throwIfBroken("file_manifest", slotsBrokenRule(remote));
  const { blocks, blocksize } = remote;
  const slots: (readonly ChunkView[])[] = [];
  for (const block of blocks) {
    const slot = Math.floor(block.offset / blocksize);
    while (slots.length < slot) slots.push(emptySlot);
    slots.push([chunkViewOfBlock(block)]);
  }
  return slots;
}

/** What is checked before anything is allocated. */
function slotsBrokenRule({ blocks, blocksize }: FileManifest): string | undefined {
  if (blocksize > maxBlocksize) return `a block span has at most ${maxBlocksize} bytes`;
  const furthest = blocks.reduce((most, { offset }) => Math.max(most, offset), 0);
  const most = maxSlots(blocks.length);
  return Math.floor(furthest / blocksize) >= most
    ? `a file of ${blocks.length} blocks has at most ${most} block spans`
    : undefined;
}

/** True when every slot is empty or is one whole block: the file can be uploaded. */
export function isReshaped({ blocks }: LocalFileManifest): boolean {
  return blocks.every((views) => views.length === 0 || blockOfSlot(views) !== undefined);
}

function blockOfSlot([view, ...others]: readonly ChunkView[]): BlockAccess | undefined {
  return view !== undefined && others.length === 0 && isBlock(view) ? view.access : undefined;
}

/**
 * The next version to upload.
 * @throws NeedReshapeError
 * @throws DataIntegrityError also when other devices would refuse the version, as {@link localFileManifestFromRemote}
 */
export function localFileManifestToRemote(local: LocalFileManifest, author: DeviceId, now: DateTime): FileManifest {
  throwIfBroken("local_file_manifest", localFileManifestBrokenRule(local));
  const { base, parent, updated, size, blocksize, origin } = local;
  const blocks = local.blocks
    .filter((views) => views.length > 0)
    .map((views) => {
      const block = blockOfSlot(views);
      if (block === undefined) throw new NeedReshapeError();
      return block;
    });
  const remote: FileManifest = {
    type: "file_manifest",
    author,
    timestamp: now,
    id: base.id,
    parent,
    version: base.version + 1,
    created: base.created,
    updated,
    size,
    blocksize,
    blocks,
    origin,
  };
  throwIfBroken("file_manifest", fileManifestBrokenRule(remote) ?? slotsBrokenRule(remote));
  return remote;
}

function throwIfBroken(dataType: string, rule: string | undefined): void {
  if (rule !== undefined) throw new DataIntegrityError(dataType, rule);
}
