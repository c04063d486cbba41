import { AsyncEnrollmentId, Bytes, DateTime, type Infer, taggedUnion } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { AcceptPayloadSignature } from "../shared/async-enrollment-signature.ts";

/** The state of an enrollment. */
export const AsyncEnrollmentStatus = /* @__PURE__ */ taggedUnion("enrollmentStatus", {
  SUBMITTED: { submittedOn: DateTime },
  REJECTED: { submittedOn: DateTime, rejectedOn: DateTime },
  CANCELLED: { submittedOn: DateTime, cancelledOn: DateTime },
  ACCEPTED: {
    submittedOn: DateTime,
    acceptedOn: DateTime,
    acceptPayload: Bytes,
    acceptPayloadSignature: AcceptPayloadSignature,
  },
});
export type AsyncEnrollmentStatus = Infer<typeof AsyncEnrollmentStatus>;

/**
 * Tells the state of an enrollment. The payload of an accepted one must be verified against its signature before it
 * is decoded (spec 05 §13.4).
 */
export const asyncEnrollmentInfo = /* @__PURE__ */ command("anonymous", "async_enrollment_info", () => ({
  revision: 4,
  request: { enrollmentId: AsyncEnrollmentId },
  replies: {
    ok: AsyncEnrollmentStatus,
    enrollment_not_found: {},
  },
}));
export type AsyncEnrollmentInfoRequest = RequestOf<typeof asyncEnrollmentInfo>;
export type AsyncEnrollmentInfoReply = ReplyOf<typeof asyncEnrollmentInfo>;
