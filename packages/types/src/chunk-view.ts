import { BlockAccess } from "./block-access.ts";
import { type Infer, NonZeroInteger, named, nonRequired, nullable, orderedStruct, Size } from "./codec/index.ts";
import { ChunkId } from "./ids.ts";

/**
 * The part `start`..`stop` of a file, cut out of a stored chunk that covers `rawOffset`..`rawOffset + rawSize`
 * (spec 02 §7.2). `access` is there once the chunk is a block.
 */
export const ChunkView = /* @__PURE__ */ named(
  "ChunkView",
  /* @__PURE__ */ orderedStruct({
    id: ChunkId,
    start: Size,
    stop: NonZeroInteger,
    rawOffset: Size,
    rawSize: NonZeroInteger,
    access: /* @__PURE__ */ nonRequired(/* @__PURE__ */ nullable(BlockAccess)),
  }),
);
export type ChunkView = Infer<typeof ChunkView>;
