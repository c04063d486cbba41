import { asyncEnrollmentReject } from "@parsec/protocol";
import { authenticated } from "../handler.ts";

/** Spec 08b §5.10. */
export const asyncEnrollmentRejectHandler = authenticated(asyncEnrollmentReject).inTransaction(
  async (scope, { enrollmentId }) => {
    const { tx, organizationId, author, now } = scope;
    if (author.user.currentProfile !== "ADMIN") return { status: "author_not_allowed" };
    const enrollment = await tx.enrollments.find(organizationId, enrollmentId);
    if (enrollment === undefined) return { status: "enrollment_not_found" };
    if (enrollment.state.status !== "SUBMITTED") return { status: "enrollment_no_longer_available" };
    await tx.enrollments.setState(organizationId, enrollmentId, { status: "REJECTED", on: now });
    tx.emit({ type: "ASYNC_ENROLLMENT", organizationId });
    return { status: "ok" };
  },
);
