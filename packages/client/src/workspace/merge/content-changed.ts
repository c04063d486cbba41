import { type BlockAccess, type FileManifest, isBlock, type LocalFileManifest } from "@parsec/types";

type RemoteContent = Pick<FileManifest, "size" | "blocksize" | "blocks">;
type LocalContent = Pick<LocalFileManifest, "size" | "blocksize" | "blocks">;

/** Whether the local content differs from the remote one that it started from (spec 11 §11.2). */
export function localContentChanged(base: RemoteContent, local: LocalContent): boolean {
  if (local.size !== base.size || local.blocksize !== base.blocksize) return true;
  const slots = local.blocks.filter((slot) => slot.length > 0);
  if (slots.length !== base.blocks.length) return true;
  return slots.some((slot, index) => {
    const [view] = slot;
    const block = base.blocks[index];
    if (slot.length !== 1 || view === undefined || block === undefined) return true;
    return !isBlock(view) || view.access === null || !sameBlock(view.access, block);
  });
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

function sameBlock(a: BlockAccess, b: BlockAccess): boolean {
  return a.id === b.id && a.offset === b.offset && a.size === b.size && a.digest.equals(b.digest);
}
