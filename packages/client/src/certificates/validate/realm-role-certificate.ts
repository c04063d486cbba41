import { type DeviceCertificate, isRoleAtLeast, type RealmRole, type RealmRoleCertificate } from "@parsec/types";
import { isRevokedAt, membersAt, profileAt, roleAt } from "../at.ts";
import { realmTopic } from "../topic.ts";
import type { CertificateView } from "../view.ts";
import {
  checkAuthorIsOwner,
  checkAuthorIsOwnerOrManager,
  checkNewer,
  checkUserActive,
  checkUserExists,
  type Violation,
} from "./checks.ts";

/** Spec 09a §4.5. A revoked author is not looked for here, unlike in the other realm certificates. */
export function validateRealmRoleCertificate(
  view: CertificateView,
  certificate: RealmRoleCertificate,
  author: DeviceCertificate,
): Violation {
  const { timestamp, userId, realmId, role } = certificate;
  return (
    checkNewer(view, realmTopic(realmId), timestamp) ??
    checkAuthorMayGive(view, certificate, author) ??
    checkUserExists(view, userId, timestamp) ??
    (role === null ? undefined : checkUserActive(view, userId, timestamp)) ??
    checkOutsider(view, certificate)
  );
}

function checkAuthorMayGive(
  view: CertificateView,
  certificate: RealmRoleCertificate,
  author: DeviceCertificate,
): Violation {
  if (view.realmRoles(certificate.realmId).length === 0) return checkCreation(certificate, author);
  const authorRole = roleAt(view, certificate.realmId, author.userId, certificate.timestamp);
  return author.userId === certificate.userId
    ? checkSelfPromotion(view, certificate, authorRole)
    : checkSharing(view, certificate, authorRole);
}

function checkCreation({ userId, role }: RealmRoleCertificate, author: DeviceCertificate): Violation {
  if (author.userId !== userId) return { rule: "REALM_FIRST_ROLE_MUST_BE_SELF_SIGNED" };
  return role === "OWNER" ? undefined : { rule: "REALM_FIRST_ROLE_MUST_BE_OWNER" };
}

/** A member may become OWNER when all those above are revoked or OUTSIDER (RFC 1027). */
function checkSelfPromotion(
  view: CertificateView,
  { role, realmId, timestamp }: RealmRoleCertificate,
  authorRole: RealmRole | null | undefined,
): Violation {
  if (role !== "OWNER") return { rule: "REALM_SELF_PROMOTION_ROLE_MUST_BE_OWNER" };
  if (authorRole == null) return { rule: "REALM_AUTHOR_HAS_NO_ROLE" };
  if (authorRole === "OWNER") return { rule: "CONTENT_ALREADY_EXISTS" };
  const someoneActiveIsHigher = [...membersAt(view, realmId, timestamp)].some(
    ([member, memberRole]) =>
      !isRoleAtLeast(authorRole, memberRole) &&
      !isRevokedAt(view, member, timestamp) &&
      profileAt(view, member, timestamp) !== "OUTSIDER",
  );
  return someoneActiveIsHigher ? { rule: "REALM_SELF_PROMOTION_HIGHER_ACTIVE_ROLE_ALREADY_EXISTS" } : undefined;
}

function checkSharing(
  view: CertificateView,
  { realmId, userId, role, timestamp }: RealmRoleCertificate,
  authorRole: RealmRole | null | undefined,
): Violation {
  if (authorRole == null) return { rule: "REALM_AUTHOR_HAS_NO_ROLE" };
  const oldRole = roleAt(view, realmId, userId, timestamp) ?? null;
  if (oldRole === role) return { rule: "CONTENT_ALREADY_EXISTS" };
  return isManagement(oldRole) || isManagement(role)
    ? checkAuthorIsOwner(authorRole)
    : checkAuthorIsOwnerOrManager(authorRole);
}

function isManagement(role: RealmRole | null): boolean {
  return role === "OWNER" || role === "MANAGER";
}

function checkOutsider(view: CertificateView, { userId, role, timestamp }: RealmRoleCertificate): Violation {
  return isManagement(role) && profileAt(view, userId, timestamp) === "OUTSIDER"
    ? { rule: "REALM_OUTSIDER_CANNOT_BE_OWNER_OR_MANAGER" }
    : undefined;
}
