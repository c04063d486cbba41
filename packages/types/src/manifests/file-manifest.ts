import { BlockAccess } from "../block-access.ts";
import { defaulted, type Infer, list, refined, Size, tagged, Version } from "../codec/index.ts";
import { FileManifestOrigin } from "../file-manifest-origin.ts";
import { DeviceId, VlobId } from "../ids.ts";
import { withIntegrity } from "../integrity.ts";
import { DateTime } from "../time.ts";

/** Bytes of a block when nothing else is said. */
export const defaultBlocksize = 512 * 1024;
/** Smaller blocks are refused while decoding. */
export const minBlocksize = 8;

export const Blocksize = /* @__PURE__ */ refined(
  Size,
  `expected a block size of at least ${minBlocksize}`,
  (size) => size >= minBlocksize,
);

/** Written by 3.10 and later, and only when it is not the default one. */
export const Origin = /* @__PURE__ */ defaulted<FileManifestOrigin>(
  "optional",
  FileManifestOrigin,
  { type: "DEFAULT" },
  (origin) => origin.type === "DEFAULT",
);

/** A file manifest whose integrity is not checked: the `base` of a local one (spec 04 §6). */
export const BaseFileManifest = /* @__PURE__ */ tagged("type", "file_manifest", {
  author: DeviceId,
  timestamp: DateTime,
  id: VlobId,
  parent: VlobId,
  version: Version,
  created: DateTime,
  updated: DateTime,
  size: Size,
  blocksize: Blocksize,
  blocks: /* @__PURE__ */ list(BlockAccess),
  origin: Origin,
});
export type FileManifest = Infer<typeof BaseFileManifest>;

/** One version of a file: its size and blocks (spec 04 §5.1). What no block covers reads as zeros. */
export const FileManifest = /* @__PURE__ */ withIntegrity(BaseFileManifest, fileManifestBrokenRule);

/**
 * The first broken rule of spec 04 §5.1, if any. A block lies in one slot of `blocksize` bytes, and a slot holds one
 * block at most.
 */
export function fileManifestBrokenRule(manifest: FileManifest): string | undefined {
  if (manifest.id === manifest.parent) return "id and parent are different";
  let end = 0;
  let nextSlot = 0;
  for (const { offset, size } of manifest.blocks) {
    if (offset < end) return "blocks are ordered and not overlapping";
    end = offset + size;
    if (!Number.isSafeInteger(end)) return "file size is not exceeded";
    const slot = Math.floor(offset / manifest.blocksize);
    if (slot < nextSlot) return "blocks are not sharing the same block span";
    nextSlot = slot + 1;
    if (Math.floor((end - 1) / manifest.blocksize) !== slot) {
      return "blocks are not spanning over multiple block spans";
    }
  }
  return end > manifest.size ? "file size is not exceeded" : undefined;
}
