import { AsyncEnrollmentId, Bytes, DateTime, type Infer, list, struct } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { SubmitPayloadSignature } from "../shared/async-enrollment-signature.ts";

/** An enrollment that waits for an answer. */
export const AsyncEnrollmentListItem = /* @__PURE__ */ struct({
  enrollmentId: AsyncEnrollmentId,
  submittedOn: DateTime,
  submitPayload: Bytes,
  submitPayloadSignature: SubmitPayloadSignature,
});
export type AsyncEnrollmentListItem = Infer<typeof AsyncEnrollmentListItem>;

/**
 * Lists the enrollments that wait for an answer, oldest first. For an ADMIN. The server has not verified the
 * payload signatures: the caller must (spec 05 §13.1).
 */
export const asyncEnrollmentList = /* @__PURE__ */ command("authenticated", "async_enrollment_list", () => ({
  revision: 4,
  request: {},
  replies: {
    ok: { enrollments: list(AsyncEnrollmentListItem) },
    author_not_allowed: {},
  },
}));
export type AsyncEnrollmentListRequest = RequestOf<typeof asyncEnrollmentList>;
export type AsyncEnrollmentListReply = ReplyOf<typeof asyncEnrollmentList>;
