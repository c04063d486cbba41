import type { DateTime, DeviceCertificate, RealmRole, UserId } from "@parsec/types";
import { profileAt, revocationAt } from "../at.ts";
import type { Topic } from "../topic.ts";
import type { CertificateView } from "../view.ts";
import type { CertificateViolation } from "../violation.ts";

// The reusable checks of spec 09a §4. Each tells the violation, or `undefined` when the rule holds, so that a
// certificate's rules read as one chain of `??` in the order of the spec. All are evaluated at the certificate's date.

export type Violation = CertificateViolation | undefined;

/** The certificate is later than every one of its topic. */
export function checkNewer(view: CertificateView, topic: Topic, timestamp: DateTime): Violation {
  const last = view.last(topic);
  return last === undefined || timestamp > last
    ? undefined
    : { rule: "INVALID_TIMESTAMP", lastCertificateTimestamp: last };
}

/** The certificate is not before any one of its topic. */
export function checkNotOlder(view: CertificateView, topic: Topic, timestamp: DateTime): Violation {
  const last = view.last(topic);
  return last === undefined || timestamp >= last
    ? undefined
    : { rule: "INVALID_TIMESTAMP", lastCertificateTimestamp: last };
}

export function checkAuthorActive(view: CertificateView, author: DeviceCertificate, timestamp: DateTime): Violation {
  const revocation = revocationAt(view, author.userId, timestamp);
  return revocation && { rule: "REVOKED_AUTHOR", authorRevokedOn: revocation.timestamp };
}

export function checkAuthorAdmin(view: CertificateView, author: DeviceCertificate, timestamp: DateTime): Violation {
  const revoked = checkAuthorActive(view, author, timestamp);
  if (revoked !== undefined) return revoked;
  const profile = profileAt(view, author.userId, timestamp);
  if (profile === undefined) return { rule: "NON_EXISTING_AUTHOR" };
  return profile === "ADMIN" ? undefined : { rule: "AUTHOR_NOT_ADMIN", authorProfile: profile };
}

export function checkNotSelf(author: DeviceCertificate, userId: UserId): Violation {
  return author.userId === userId ? { rule: "SELF_SIGNED" } : undefined;
}

export function checkUserExists(view: CertificateView, userId: UserId, timestamp: DateTime): Violation {
  const user = view.user(userId);
  if (user === undefined) return { rule: "NON_EXISTING_RELATED_USER" };
  return user.timestamp <= timestamp ? undefined : { rule: "OLDER_THAN_RELATED_USER", userCreatedOn: user.timestamp };
}

export function checkUserActive(view: CertificateView, userId: UserId, timestamp: DateTime): Violation {
  const revocation = revocationAt(view, userId, timestamp);
  return revocation && { rule: "RELATED_USER_ALREADY_REVOKED", userRevokedOn: revocation.timestamp };
}

export function checkAuthorIsOwner(role: RealmRole): Violation {
  return role === "OWNER" ? undefined : { rule: "REALM_AUTHOR_NOT_OWNER", authorRole: role };
}

export function checkAuthorIsOwnerOrManager(role: RealmRole): Violation {
  return role === "OWNER" || role === "MANAGER"
    ? undefined
    : { rule: "REALM_AUTHOR_NOT_OWNER_OR_MANAGER", authorRole: role };
}
