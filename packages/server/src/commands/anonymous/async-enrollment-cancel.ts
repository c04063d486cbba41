import { asyncEnrollmentCancel } from "@parsec/protocol";
import { anonymous } from "../handler.ts";

/** Spec 08b §1.4. */
export const asyncEnrollmentCancelHandler = anonymous(asyncEnrollmentCancel).inTransaction(async (scope, request) => {
  const { tx, organizationId, now } = scope;
  const { enrollmentId } = request;
  const enrollment = await tx.enrollments.find(organizationId, enrollmentId);
  if (enrollment === undefined) return { status: "enrollment_not_found" };
  if (enrollment.state.status !== "SUBMITTED") return { status: "enrollment_no_longer_available" };
  await tx.enrollments.setState(organizationId, enrollmentId, { status: "CANCELLED", on: now });
  tx.emit({ type: "ASYNC_ENROLLMENT", organizationId });
  return { status: "ok" };
});
