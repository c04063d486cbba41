import { asyncEnrollmentList } from "@parsec/protocol";
import { submitSignature } from "../../rules/enrollment.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §5.10. */
export const asyncEnrollmentListHandler = authenticated(asyncEnrollmentList).inTransaction(async (scope) => {
  const { tx, organizationId, author } = scope;
  if (author.user.currentProfile !== "ADMIN") return { status: "author_not_allowed" };
  const enrollments = (await tx.enrollments.listSubmitted(organizationId)).map((enrollment) => ({
    enrollmentId: enrollment.enrollmentId,
    submittedOn: enrollment.submittedOn,
    submitPayload: enrollment.payload,
    submitPayloadSignature: submitSignature(enrollment),
  }));
  return { status: "ok", enrollments };
});
