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

/** The most slots that we are ready to hold for one file: 2 TiB of default blocks. */
export const maxSlots = 4 * 1024 * 1024;

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
 * The working copy of an uploaded version, without local changes.
 * @throws DataIntegrityError when a block lies beyond {@link maxSlots} slots: bytes of a peer would fill our memory
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

function slotsOf({ blocks, blocksize }: FileManifest): readonly (readonly ChunkView[])[] {
  const slots: (readonly ChunkView[])[] = [];
  for (const block of blocks) {
    const slot = Math.floor(block.offset / blocksize);
    if (slot >= maxSlots) throw new DataIntegrityError("file_manifest", `a file has at most ${maxSlots} block spans`);
    while (slots.length < slot) slots.push([]);
    slots.push([chunkViewOfBlock(block)]);
  }
  return slots;
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
 * @throws DataIntegrityError
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
  throwIfBroken("file_manifest", fileManifestBrokenRule(remote));
  return remote;
}

function throwIfBroken(dataType: string, rule: string | undefined): void {
  if (rule !== undefined) throw new DataIntegrityError(dataType, rule);
}
