import { asyncEnrollmentInfo } from "@parsec/protocol";
import { acceptSignature } from "../../rules/enrollment.ts";
import { anonymous } from "../handler.ts";

/** Spec 08b §1.3. */
export const asyncEnrollmentInfoHandler = anonymous(asyncEnrollmentInfo).inTransaction(async (scope, request) => {
  const enrollment = await scope.tx.enrollments.find(scope.organizationId, request.enrollmentId);
  if (enrollment === undefined) return { status: "enrollment_not_found" };
  const { submittedOn, state } = enrollment;
  switch (state.status) {
    case "SUBMITTED":
      return { status: "ok", enrollmentStatus: "SUBMITTED", submittedOn };
    case "REJECTED":
      return { status: "ok", enrollmentStatus: "REJECTED", submittedOn, rejectedOn: state.on };
    case "CANCELLED":
      return { status: "ok", enrollmentStatus: "CANCELLED", submittedOn, cancelledOn: state.on };
    case "ACCEPTED":
      return {
        status: "ok",
        enrollmentStatus: "ACCEPTED",
        submittedOn,
        acceptedOn: state.on,
        acceptPayload: state.payload,
        acceptPayloadSignature: acceptSignature(state.signature),
      };
  }
});
