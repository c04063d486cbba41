import { AsyncEnrollmentId, Bool, Bytes, DateTime } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { SubmitPayloadSignature } from "../shared/async-enrollment-signature.ts";

/**
 * Asks to join the organization. With `force` it takes the place of a pending enrollment of the same e-mail address
 * (spec 05 §13.4).
 */
export const asyncEnrollmentSubmit = /* @__PURE__ */ command("anonymous", "async_enrollment_submit", () => ({
  revision: 4,
  request: {
    enrollmentId: AsyncEnrollmentId,
    force: Bool,
    submitPayload: Bytes,
    submitPayloadSignature: SubmitPayloadSignature,
  },
  replies: {
    ok: { submittedOn: DateTime },
    email_already_submitted: { submittedOn: DateTime },
    email_already_enrolled: {},
    id_already_used: {},
    invalid_submit_payload: {},
    invalid_submit_payload_signature: {},
    invalid_der_x509_certificate: {},
    invalid_x509_trustchain: {},
  },
}));
export type AsyncEnrollmentSubmitRequest = RequestOf<typeof asyncEnrollmentSubmit>;
export type AsyncEnrollmentSubmitReply = ReplyOf<typeof asyncEnrollmentSubmit>;
