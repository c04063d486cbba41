import { Bytes, DateTime, DeviceId, Index, type Infer, tuple, Version, VlobId } from "@parsec/types";

/** One version of a vlob: id, key index, author, version, timestamp, encrypted content. */
export const VlobItem = /* @__PURE__ */ tuple(VlobId, Index, DeviceId, Version, DateTime, Bytes);
export type VlobItem = Infer<typeof VlobItem>;
