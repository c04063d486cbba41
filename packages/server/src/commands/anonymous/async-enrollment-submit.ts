import { ParsecError } from "@parsec/base";
import { asyncEnrollmentSubmit } from "@parsec/protocol";
import { type AsyncEnrollmentSubmitPayload, loadAsyncEnrollmentSubmitPayload } from "@parsec/types";
import { HttpAbort } from "../../http-abort.ts";
import { storedSubmitSignature } from "../../rules/enrollment.ts";
import { badX509Chain } from "../../rules/x509-chain.ts";
import { anonymous } from "../handler.ts";

/** Spec 08b §1.2. The signature of the payload is for the administrator to verify, not for the server. */
export const asyncEnrollmentSubmitHandler = anonymous(asyncEnrollmentSubmit).inTransaction(async (scope, request) => {
  const { tx, organizationId, organization, now } = scope;
  const { enrollmentId, force } = request;
  const payload = loadPayload(request.submitPayload);
  if (payload === undefined) return { status: "invalid_submit_payload" };
  const signature = storedSubmitSignature(request.submitPayloadSignature);
  const badChain = signature.type === "PKI" ? badX509Chain(signature.leaf, signature.intermediates) : undefined;
  if (badChain !== undefined) return badChain;
  if (organization.bootstrap === null) throw new HttpAbort("organizationNotFound");

  const { email } = payload.requestedHumanHandle;
  await tx.lock(organizationId, "common", "read");
  if ((await tx.enrollments.find(organizationId, enrollmentId)) !== undefined) return { status: "id_already_used" };
  if ((await tx.users.findActiveByEmail(organizationId, email)) !== undefined) {
    return { status: "email_already_enrolled" };
  }
  const previous = await tx.enrollments.findSubmitted(organizationId, email);
  if (previous !== undefined && !force) {
    return { status: "email_already_submitted", submittedOn: previous.submittedOn };
  }

  if (previous !== undefined) {
    await tx.enrollments.setState(organizationId, previous.enrollmentId, { status: "CANCELLED", on: now });
  }
  await tx.enrollments.insert(organizationId, {
    enrollmentId,
    email,
    submittedOn: now,
    payload: request.submitPayload,
    signature,
    state: { status: "SUBMITTED" },
  });
  tx.emit({ type: "ASYNC_ENROLLMENT", organizationId });
  return { status: "ok", submittedOn: now };
});

function loadPayload(bytes: Uint8Array): AsyncEnrollmentSubmitPayload | undefined {
  try {
    return loadAsyncEnrollmentSubmitPayload(bytes);
  } catch (error) {
    if (ParsecError.is(error)) return undefined;
    throw error;
  }
}
