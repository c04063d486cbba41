import { ChunkView } from "../chunk-view.ts";
import { Bool, type Infer, list, Size, tagged } from "../codec/index.ts";
import { VlobId } from "../ids.ts";
import { withIntegrity } from "../integrity.ts";
import { BaseFileManifest, Blocksize, Origin } from "../manifests/file-manifest.ts";
import { DateTime } from "../time.ts";
import { chunkViewBrokenRule } from "./chunk-view-rules.ts";

const fields = /* @__PURE__ */ tagged("type", "local_file_manifest", {
  base: BaseFileManifest,
  parent: VlobId,
  needSync: Bool,
  updated: DateTime,
  size: Size,
  blocksize: Blocksize,
  blocks: /* @__PURE__ */ list(/* @__PURE__ */ list(ChunkView)),
  origin: Origin,
});
export type LocalFileManifest = Infer<typeof fields>;

/**
 * The working copy of a file (spec 04 §6.1). `blocks[i]` is the slot of the bytes i·blocksize..(i+1)·blocksize: views
 * on stored chunks, in order. What no view covers reads as zeros.
 */
export const LocalFileManifest = /* @__PURE__ */ withIntegrity(fields, localFileManifestBrokenRule);

/**
 * The first broken rule of spec 04 §6.1, if any. The reference panics on an empty last slot; here it is a rule like the
 * others.
 */
export function localFileManifestBrokenRule(manifest: LocalFileManifest): string | undefined {
  const { base, parent, blocks, blocksize, size } = manifest;
  if (base.id === parent) return "id and parent are different";
  let end = 0;
  for (const [slot, views] of blocks.entries()) {
    for (const view of views) {
      const broken = chunkViewBrokenRule(view);
      if (broken !== undefined) return broken;
      if (view.start < slot * blocksize || view.stop > (slot + 1) * blocksize) {
        return "Chunk view belong to the block span";
      }
      if (end > view.start) return "Chunk views are ordered and do not overlap";
      end = view.stop;
    }
  }
  if (blocks.at(-1)?.length === 0) return "the last block span is not empty";
  return end > size ? "File size is consistent with the last chunk view" : undefined;
}
