import { DateTime, list, nullable, VlobId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { VlobItem } from "../shared/vlob-item.ts";

/**
 * Reads the latest version of vlobs, or that of the time `at`. For any member; at most 1000 vlobs. A vlob that is
 * unknown, or younger than `at`, is left out (spec 05 §13.1).
 */
export const vlobReadBatch = /* @__PURE__ */ command("authenticated", "vlob_read_batch", () => ({
  request: { realmId: VlobId, vlobs: list(VlobId), at: nullable(DateTime) },
  replies: {
    ok: {
      items: list(VlobItem),
      neededCommonCertificateTimestamp: DateTime,
      neededRealmCertificateTimestamp: DateTime,
    },
    realm_not_found: {},
    realm_deleted: {},
    author_not_allowed: {},
    too_many_elements: {},
  },
}));
export type VlobReadBatchRequest = RequestOf<typeof vlobReadBatch>;
export type VlobReadBatchReply = ReplyOf<typeof vlobReadBatch>;
