import { BlockId, Bytes, DateTime, Index, VlobId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Downloads a block. For any member of the realm; a block of another realm is not found (spec 05 §13.1). */
export const blockRead = /* @__PURE__ */ command("authenticated", "block_read", () => ({
  request: { blockId: BlockId, realmId: VlobId },
  replies: {
    ok: { block: Bytes, keyIndex: Index, neededRealmCertificateTimestamp: DateTime },
    realm_not_found: {},
    realm_deleted: {},
    block_not_found: {},
    author_not_allowed: {},
    store_unavailable: {},
  },
}));
export type BlockReadRequest = RequestOf<typeof blockRead>;
export type BlockReadReply = ReplyOf<typeof blockRead>;
