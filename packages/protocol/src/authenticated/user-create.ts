import { Bytes } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Creates a user and its first device, at the end of a greeting. For an ADMIN. The four certificates share
 * timestamp and user; the human handle must be free among the active users (spec 05 §13.1).
 */
export const userCreate = /* @__PURE__ */ command("authenticated", "user_create", () => ({
  request: {
    userCertificate: Bytes,
    deviceCertificate: Bytes,
    redactedUserCertificate: Bytes,
    redactedDeviceCertificate: Bytes,
  },
  replies: {
    ok: {},
    author_not_allowed: {},
    active_users_limit_reached: {},
    user_already_exists: {},
    human_handle_already_taken: {},
    invalid_certificate: {},
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type UserCreateRequest = RequestOf<typeof userCreate>;
export type UserCreateReply = ReplyOf<typeof userCreate>;
