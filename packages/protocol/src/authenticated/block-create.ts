import { BlockId, Bytes, DateTime, Index, VlobId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Uploads a block. For OWNER, MANAGER and CONTRIBUTOR. Its id is unique in the organization: `block_already_exists`
 * after a lost reply is a success. The whole request is limited to 1 MiB (spec 05 §13.1).
 */
export const blockCreate = /* @__PURE__ */ command("authenticated", "block_create", () => ({
  request: { blockId: BlockId, realmId: VlobId, keyIndex: Index, block: Bytes },
  replies: {
    ok: {},
    realm_not_found: {},
    realm_archived: {},
    realm_deleted: {},
    block_already_exists: {},
    author_not_allowed: {},
    bad_key_index: { lastRealmCertificateTimestamp: DateTime },
    store_unavailable: {},
  },
}));
export type BlockCreateRequest = RequestOf<typeof blockCreate>;
export type BlockCreateReply = ReplyOf<typeof blockCreate>;
