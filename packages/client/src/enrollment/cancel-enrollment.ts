import { asyncEnrollmentCancel } from "@parsec/protocol";
import { connectAnonymously } from "../devices/connect-as.ts";
import { UnexpectedReplyError } from "../errors.ts";
import type { ParsecPorts } from "../ports.ts";
import { type EnrollmentReference, fetchStatus } from "./complete-enrollment.ts";
import { addressOf } from "./enrollment-address.ts";
import type { EnrollmentOptions } from "./enrollments.ts";
import { EnrollmentError } from "./errors.ts";

/** Resolves when no administrator can accept the request any more. @throws see `Enrollments.cancel` */
export async function cancelEnrollment(
  ports: ParsecPorts,
  enrollment: EnrollmentReference,
  options: EnrollmentOptions,
): Promise<void> {
  const { serverUrl, organizationId, enrollmentId } = enrollment;
  const connection = connectAnonymously(ports, addressOf(serverUrl, organizationId));
  const reply = await connection.send(asyncEnrollmentCancel, { enrollmentId }, options);
  switch (reply.status) {
    case "ok":
    case "enrollment_not_found":
      return;
    case "enrollment_no_longer_available": {
      const { enrollmentStatus } = await fetchStatus(ports, enrollment, options);
      if (enrollmentStatus === "ACCEPTED") throw new EnrollmentError("ENROLLMENT_ALREADY_ACCEPTED");
      return;
    }
    default:
      throw new UnexpectedReplyError("async_enrollment_cancel", reply.status);
  }
}
