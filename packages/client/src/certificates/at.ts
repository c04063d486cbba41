import type {
  DateTime,
  RealmRole,
  RealmRoleCertificate,
  RevokedUserCertificate,
  ShamirRecoveryBriefCertificate,
  ShamirRecoveryDeletionCertificate,
  UserId,
  UserProfile,
  VlobId,
} from "@parsec/types";
import type { CertificateView } from "./view.ts";

// What was true at an instant, that instant included (spec 09a §2.2).

/** Later than any certificate: "as far as is known now". */
export const latest = Number.MAX_SAFE_INTEGER as DateTime;

/** Last element of `list` that is not after `at`; `list` is oldest first. */
export function lastAt<C extends { readonly timestamp: DateTime }>(list: readonly C[], at: DateTime): C | undefined {
  return list.findLast(({ timestamp }) => timestamp <= at);
}

export function profileAt(view: CertificateView, userId: UserId, at: DateTime): UserProfile | undefined {
  return lastAt(view.updatesOf(userId), at)?.newProfile ?? view.user(userId)?.profile;
}

export function revocationAt(view: CertificateView, userId: UserId, at: DateTime): RevokedUserCertificate | undefined {
  const revocation = view.revocationOf(userId);
  return revocation !== undefined && revocation.timestamp <= at ? revocation : undefined;
}

export function isRevokedAt(view: CertificateView, userId: UserId, at: DateTime): boolean {
  return revocationAt(view, userId, at) !== undefined;
}

/** The role certificate in force: its role is `null` when the access was taken away. */
export function roleCertificateAt(
  view: CertificateView,
  realmId: VlobId,
  userId: UserId,
  at: DateTime,
): RealmRoleCertificate | undefined {
  return view.realmRoles(realmId).findLast((role) => role.userId === userId && role.timestamp <= at);
}

/** `undefined`: never had one. `null`: it was taken away. */
export function roleAt(
  view: CertificateView,
  realmId: VlobId,
  userId: UserId,
  at: DateTime,
): RealmRole | null | undefined {
  return roleCertificateAt(view, realmId, userId, at)?.role;
}

/** Who has a role, revoked users included: revoking a user takes no role away. */
export function membersAt(view: CertificateView, realmId: VlobId, at: DateTime): ReadonlyMap<UserId, RealmRole> {
  const members = new Map<UserId, RealmRole>();
  for (const { userId, role, timestamp } of view.realmRoles(realmId)) {
    if (timestamp > at) break;
    if (role === null) members.delete(userId);
    else members.set(userId, role);
  }
  return members;
}

/** The last recovery setup of a user, with its deletion if it was deleted (spec 09a §4.11). */
export interface ShamirSetup {
  readonly brief: ShamirRecoveryBriefCertificate;
  readonly deletion: ShamirRecoveryDeletionCertificate | undefined;
}

export function shamirSetupAt(view: CertificateView, userId: UserId, at: DateTime): ShamirSetup | undefined {
  const brief = view.shamirBriefs().findLast((setup) => setup.userId === userId && setup.timestamp <= at);
  if (brief === undefined) return undefined;
  const deletion = lastAt(view.shamirDeletionsOf(userId), at);
  return { brief, deletion: deletion?.setupToDeleteTimestamp === brief.timestamp ? deletion : undefined };
}
