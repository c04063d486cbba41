import { ParsecError } from "@parsec/base";
import { asyncEnrollmentSubmit } from "@parsec/protocol";
import { type AsyncEnrollmentSubmitPayload, loadAsyncEnrollmentSubmitPayload } from "@parsec/types";
import { HttpAbort } from "../../http-abort.ts";
import { LimitReachedError } from "../../limits.ts";
import { storedSubmitSignature } from "../../rules/enrollment.ts";
import { badX509Chain } from "../../rules/x509-chain.ts";
import { enrollmentSize } from "../../store/port/enrollments.ts";
import { anonymous } from "../handler.ts";
import type { OrganizationScope } from "../scope.ts";

/** Seconds: an administrator has to answer some of the enrollments first. */
const retryOfFullOrganization = 3600;

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

  await mustHaveRoom(scope, enrollmentSize({ payload: request.submitPayload, signature }));
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
  await tx.enrollments.forgetCancelled(organizationId, scope.server.config.limits.perOrganization.cancelledEnrollments);
  tx.emit({ type: "ASYNC_ENROLLMENT", organizationId });
  return { status: "ok", submittedOn: now };
});

/** @throws LimitReachedError when the organization, or the caller, has left too many enrollments already */
async function mustHaveRoom({ server, client, tx, organizationId, now }: OrganizationScope, bytes: number) {
  const { limits } = server.config;
  const { waitingEnrollments, enrollmentBytes } = limits.perOrganization;
  const usage = await tx.enrollments.usage(organizationId);
  if (usage.waiting >= waitingEnrollments || usage.bytes + bytes > enrollmentBytes) {
    throw new LimitReachedError(retryOfFullOrganization);
  }
  server.sourceUsage.take(client, "enrollments", 1, limits, now);
  server.sourceUsage.take(client, "enrollmentBytes", bytes, limits, now);
}

function loadPayload(bytes: Uint8Array): AsyncEnrollmentSubmitPayload | undefined {
  try {
    return loadAsyncEnrollmentSubmitPayload(bytes);
  } catch (error) {
    if (ParsecError.is(error)) return undefined;
    throw error;
  }
}
