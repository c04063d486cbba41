import { type Infer, named, Str, taggedUnion } from "./codec/index.ts";
import { DateTime } from "./time.ts";

/** Where the content of a file comes from: our blocks, or a CryptPad document (spec 02 §7.2). */
export const FileManifestOrigin = /* @__PURE__ */ named(
  "FileManifestOrigin",
  /* @__PURE__ */ taggedUnion("type", { DEFAULT: {}, CRYPTPAD: { channelId: Str, timestamp: DateTime } }),
);
export type FileManifestOrigin = Infer<typeof FileManifestOrigin>;
