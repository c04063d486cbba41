import type { DeviceCertificate, RevokedUserCertificate } from "@parsec/types";
import { commonTopic } from "../topic.ts";
import type { CertificateView } from "../view.ts";
import {
  checkAuthorAdmin,
  checkNewer,
  checkNotSelf,
  checkUserActive,
  checkUserExists,
  type Violation,
} from "./checks.ts";

/** Spec 09a §4.4. */
export function validateRevokedUserCertificate(
  view: CertificateView,
  { timestamp, userId }: RevokedUserCertificate,
  author: DeviceCertificate,
): Violation {
  return (
    checkNewer(view, commonTopic, timestamp) ??
    checkNotSelf(author, userId) ??
    checkAuthorAdmin(view, author, timestamp) ??
    checkUserExists(view, userId, timestamp) ??
    checkUserActive(view, userId, timestamp)
  );
}
