import { type Infer, map, NonZeroU8, tagged } from "../codec/index.ts";
import { DeviceId, UserId } from "../ids.ts";
import { withIntegrity } from "../integrity.ts";
import { DateTime } from "../time.ts";

const fields = /* @__PURE__ */ tagged("type", "shamir_recovery_brief_certificate", {
  author: DeviceId,
  timestamp: DateTime,
  userId: UserId,
  threshold: NonZeroU8,
  perRecipientShares: /* @__PURE__ */ map(UserId, NonZeroU8),
});
export type ShamirRecoveryBriefCertificate = Infer<typeof fields>;

/** Announces a recovery setup: who holds how many shares, and how many are enough (spec 04 §2.10). */
export const ShamirRecoveryBriefCertificate = /* @__PURE__ */ withIntegrity(fields, brokenRule);

/** All the shares of a setup, at most 255 in a valid one. */
export function totalShares(brief: ShamirRecoveryBriefCertificate): number {
  return [...brief.perRecipientShares.values()].reduce((total, shares) => total + shares, 0);
}

function brokenRule(brief: ShamirRecoveryBriefCertificate): string | undefined {
  const total = totalShares(brief);
  if (total > 255) return "total_shares <= 255";
  return brief.threshold > total ? "threshold <= total_shares" : undefined;
}
