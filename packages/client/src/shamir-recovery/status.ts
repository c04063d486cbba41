import type { DateTime, DeviceId, UserId } from "@parsec/types";
import { isRevokedAt, latest, type ShamirSetup, shamirSetupAt } from "../certificates/at.ts";
import type { CertificateView } from "../certificates/view.ts";

/** One recovery setup: who holds how many shares, and how many are enough. */
export interface RecoverySetup {
  /** Who can be recovered. */
  readonly userId: UserId;
  readonly createdOn: DateTime;
  readonly createdBy: DeviceId;
  readonly threshold: number;
  readonly sharesByRecipient: ReadonlyMap<UserId, number>;
  /** Recipients who are revoked: their shares are lost. */
  readonly revokedRecipients: ReadonlySet<UserId>;
}

/** How it stands with the last recovery setup of a user (spec 09a §7.10). */
export type RecoveryStatus =
  | { readonly status: "never_set_up" }
  | (RecoverySetup & { readonly status: "deleted"; readonly deletedOn: DateTime; readonly deletedBy: DeviceId })
  /** Works; some recipients may be revoked. */
  | (RecoverySetup & { readonly status: "usable" })
  /** Too many recipients are revoked. */
  | (RecoverySetup & { readonly status: "unusable" });

/** The status for one user, as far as this device is told: its own, or that of somebody whose shares it holds. */
export function recoveryStatus(view: CertificateView, userId: UserId): RecoveryStatus {
  const setup = shamirSetupAt(view, userId, latest);
  if (setup === undefined) return { status: "never_set_up" };
  const described = describe(view, setup);
  if (setup.deletion !== undefined) {
    return { ...described, status: "deleted", deletedOn: setup.deletion.timestamp, deletedBy: setup.deletion.author };
  }
  return { ...described, status: usableShares(described) >= described.threshold ? "usable" : "unusable" };
}

/** The last setup of each user who chose `self` as a recipient, by date. */
export function recoveriesFor(view: CertificateView, self: UserId): readonly (RecoveryStatus & RecoverySetup)[] {
  const users = new Set(view.shamirBriefs().map(({ userId }) => userId));
  return [...users]
    .filter((userId) => userId !== self)
    .map((userId) => recoveryStatus(view, userId))
    .filter((status) => status.status !== "never_set_up")
    .sort((a, b) => a.createdOn - b.createdOn);
}

function describe(view: CertificateView, { brief }: ShamirSetup): RecoverySetup {
  const recipients = [...brief.perRecipientShares.keys()];
  return {
    userId: brief.userId,
    createdOn: brief.timestamp,
    createdBy: brief.author,
    threshold: brief.threshold,
    sharesByRecipient: brief.perRecipientShares,
    revokedRecipients: new Set(recipients.filter((recipient) => isRevokedAt(view, recipient, latest))),
  };
}

function usableShares({ sharesByRecipient, revokedRecipients }: RecoverySetup): number {
  return [...sharesByRecipient].reduce(
    (sum, [userId, shares]) => sum + (revokedRecipients.has(userId) ? 0 : shares),
    0,
  );
}
