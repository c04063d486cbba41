import { AsyncEnrollmentId, Bool, Bytes, optional } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { AcceptPayloadSignature } from "../shared/async-enrollment-signature.ts";
import { EmailSentStatus } from "../shared/email-sent-status.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Accepts a submitted enrollment and creates its user. For an ADMIN; the kind of signature must be the submitter's.
 * The certificates keep the rules of `user_create`. The server does not verify the payload signature (spec 05
 * §13.1).
 */
export const asyncEnrollmentAccept = /* @__PURE__ */ command("authenticated", "async_enrollment_accept", () => ({
  revision: 4,
  request: {
    enrollmentId: AsyncEnrollmentId,
    submitterUserCertificate: Bytes,
    submitterDeviceCertificate: Bytes,
    submitterRedactedUserCertificate: Bytes,
    submitterRedactedDeviceCertificate: Bytes,
    acceptPayload: Bytes,
    acceptPayloadSignature: AcceptPayloadSignature,
    sendEmail: optional(Bool),
  },
  replies: {
    ok: { emailSent: optional(EmailSentStatus) },
    author_not_allowed: {},
    invalid_certificate: {},
    invalid_accept_payload: {},
    invalid_accept_payload_signature: {},
    submit_and_accept_identity_systems_mismatch: {},
    invalid_der_x509_certificate: {},
    invalid_x509_trustchain: {},
    enrollment_not_found: {},
    enrollment_no_longer_available: {},
    active_users_limit_reached: {},
    user_already_exists: {},
    human_handle_already_taken: {},
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type AsyncEnrollmentAcceptRequest = RequestOf<typeof asyncEnrollmentAccept>;
export type AsyncEnrollmentAcceptReply = ReplyOf<typeof asyncEnrollmentAccept>;
