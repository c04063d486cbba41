import { AsyncEnrollmentId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Rejects a submitted enrollment. For an ADMIN (spec 05 §13.1). */
export const asyncEnrollmentReject = /* @__PURE__ */ command("authenticated", "async_enrollment_reject", () => ({
  revision: 4,
  request: { enrollmentId: AsyncEnrollmentId },
  replies: {
    ok: {},
    author_not_allowed: {},
    enrollment_not_found: {},
    enrollment_no_longer_available: {},
  },
}));
export type AsyncEnrollmentRejectRequest = RequestOf<typeof asyncEnrollmentReject>;
export type AsyncEnrollmentRejectReply = ReplyOf<typeof asyncEnrollmentReject>;
