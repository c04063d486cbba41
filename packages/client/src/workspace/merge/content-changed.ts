import { type BlockAccess, type FileManifest, isBlock, type LocalFileManifest } from "@parsec/types";

type RemoteContent = Pick<FileManifest, "size" | "blocksize" | "blocks">;
type LocalContent = Pick<LocalFileManifest, "size" | "blocksize" | "blocks">;

/** Whether the local content differs from the remote one that it started from (spec 11 §11.2). */
export function localContentChanged(base: RemoteContent, local: LocalContent): boolean {
  return !holdsBlocks(base, local, sameBlock);
}

/** Whether two remote versions differ in content. */
export function remoteContentChanged(base: RemoteContent, remote: RemoteContent): boolean {
  if (remote.size !== base.size || remote.blocksize !== base.blocksize) return true;
  if (remote.blocks.length !== base.blocks.length) return true;
  return remote.blocks.some((block, index) => {
    const other = base.blocks[index];
    return other === undefined || !sameBlock(block, other);
  });
}

/**
 * Whether both hold the same bytes in the same blocks, whoever stored them: two devices that save the same file give its
 * blocks different ids.
 */
export function sameContent(local: LocalContent, remote: RemoteContent): boolean {
  return holdsBlocks(remote, local, sameBytes);
}

function holdsBlocks(
  remote: RemoteContent,
  local: LocalContent,
  isSame: (a: BlockAccess, b: BlockAccess) => boolean,
): boolean {
  if (local.size !== remote.size || local.blocksize !== remote.blocksize) return false;
  const slots = local.blocks.filter((slot) => slot.length > 0);
  if (slots.length !== remote.blocks.length) return false;
  return slots.every((slot, index) => {
    const [view] = slot;
    const block = remote.blocks[index];
    if (slot.length !== 1 || view === undefined || block === undefined) return false;
    return isBlock(view) && view.access !== null && isSame(view.access, block);
  });
}

function sameBlock(a: BlockAccess, b: BlockAccess): boolean {
  return a.id === b.id && sameBytes(a, b);
}

function sameBytes(a: BlockAccess, b: BlockAccess): boolean {
  return a.offset === b.offset && a.size === b.size && a.digest.equals(b.digest);
}
