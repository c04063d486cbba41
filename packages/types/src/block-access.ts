import { type Infer, NonZeroInteger, named, orderedStruct, Size } from "./codec/index.ts";
import { BlockId } from "./ids.ts";
import { HashDigestCodec } from "./keys.ts";

/** One block of a file: its place in it, and the digest of its clear text (spec 02 §7.2). Sizes in bytes. */
export const BlockAccess = /* @__PURE__ */ named(
  "BlockAccess",
  /* @__PURE__ */ orderedStruct({ id: BlockId, offset: Size, size: NonZeroInteger, digest: HashDigestCodec }),
);
export type BlockAccess = Infer<typeof BlockAccess>;
