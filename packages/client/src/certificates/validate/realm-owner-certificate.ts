import type {
  DeviceCertificate,
  RealmArchivingCertificate,
  RealmKeyRotationCertificate,
  RealmNameCertificate,
} from "@parsec/types";
import { roleAt } from "../at.ts";
import { realmTopic } from "../topic.ts";
import type { CertificateView } from "../view.ts";
import { checkAuthorActive, checkAuthorIsOwner, checkNewer, type Violation } from "./checks.ts";

/** Name, key rotation and archiving: what only an OWNER signs (spec 09a §4.6). */
export function validateRealmOwnerCertificate(
  view: CertificateView,
  { realmId, timestamp }: RealmNameCertificate | RealmKeyRotationCertificate | RealmArchivingCertificate,
  author: DeviceCertificate,
): Violation {
  const newer = checkNewer(view, realmTopic(realmId), timestamp);
  if (newer !== undefined) return newer;
  if (view.realmRoles(realmId).length === 0) return { rule: "REALM_FIRST_CERTIFICATE_MUST_BE_ROLE" };
  const role = roleAt(view, realmId, author.userId, timestamp);
  if (role == null) return { rule: "REALM_AUTHOR_HAS_NO_ROLE" };
  return checkAuthorIsOwner(role) ?? checkAuthorActive(view, author, timestamp);
}
