import { AsyncEnrollmentId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Withdraws a submitted enrollment. To know its id is enough (spec 05 §13.4). */
export const asyncEnrollmentCancel = /* @__PURE__ */ command("anonymous", "async_enrollment_cancel", () => ({
  revision: 4,
  request: { enrollmentId: AsyncEnrollmentId },
  replies: {
    ok: {},
    enrollment_not_found: {},
    enrollment_no_longer_available: {},
  },
}));
export type AsyncEnrollmentCancelRequest = RequestOf<typeof asyncEnrollmentCancel>;
export type AsyncEnrollmentCancelReply = ReplyOf<typeof asyncEnrollmentCancel>;
