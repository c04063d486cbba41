import { DateTime, list, tuple, Version, VlobId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { VlobItem } from "../shared/vlob-item.ts";

/** Reads given versions of vlobs. For any member; at most 1000 of them. What is unknown is left out (spec 05 §13.1). */
export const vlobReadVersions = /* @__PURE__ */ command("authenticated", "vlob_read_versions", () => ({
  request: { realmId: VlobId, items: list(tuple(VlobId, Version)) },
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
export type VlobReadVersionsRequest = RequestOf<typeof vlobReadVersions>;
export type VlobReadVersionsReply = ReplyOf<typeof vlobReadVersions>;
