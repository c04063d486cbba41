import { Index, list, tuple, Version, VlobId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Tells which vlobs of a realm changed after a checkpoint, each with its latest version. For any member. Checkpoint
 * 0 is the beginning (spec 05 §13.1).
 */
export const vlobPollChanges = /* @__PURE__ */ command("authenticated", "vlob_poll_changes", () => ({
  request: { realmId: VlobId, lastCheckpoint: Index },
  replies: {
    ok: { changes: list(tuple(VlobId, Version)), currentCheckpoint: Index },
    author_not_allowed: {},
    realm_not_found: {},
    realm_deleted: {},
  },
}));
export type VlobPollChangesRequest = RequestOf<typeof vlobPollChanges>;
export type VlobPollChangesReply = ReplyOf<typeof vlobPollChanges>;
