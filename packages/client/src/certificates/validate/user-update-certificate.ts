import type { DeviceCertificate, UserUpdateCertificate } from "@parsec/types";
import { profileAt } from "../at.ts";
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

/** Spec 09a §4.3. */
export function validateUserUpdateCertificate(
  view: CertificateView,
  { timestamp, userId, newProfile }: UserUpdateCertificate,
  author: DeviceCertificate,
): Violation {
  return (
    checkNewer(view, commonTopic, timestamp) ??
    checkNotSelf(author, userId) ??
    checkAuthorAdmin(view, author, timestamp) ??
    checkUserExists(view, userId, timestamp) ??
    checkUserActive(view, userId, timestamp) ??
    (profileAt(view, userId, timestamp) === newProfile ? { rule: "CONTENT_ALREADY_EXISTS" } : undefined)
  );
}
