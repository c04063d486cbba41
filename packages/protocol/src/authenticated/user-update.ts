import { Bytes } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/** Changes the profile of another user. For an ADMIN (spec 05 §13.1). */
export const userUpdate = /* @__PURE__ */ command("authenticated", "user_update", () => ({
  request: { userUpdateCertificate: Bytes },
  replies: {
    ok: {},
    author_not_allowed: {},
    user_not_found: {},
    user_revoked: {},
    user_no_changes: {},
    invalid_certificate: {},
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type UserUpdateRequest = RequestOf<typeof userUpdate>;
export type UserUpdateReply = ReplyOf<typeof userUpdate>;
