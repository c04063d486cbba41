import { combineShares, type ShamirShare, splitSecret } from "@parsec/crypto";
import { AccessToken } from "../access-token.ts";
import { type Infer, tagged } from "../codec/index.ts";
import { dump, load } from "../container.ts";
import { SecretKeyCodec } from "../keys.ts";

/** What the shares hide: the key of the recovery device, and the token that makes the server reveal it (spec 04 §3.4). */
export const ShamirRecoverySecret = /* @__PURE__ */ tagged("type", "shamir_recovery_secret", {
  dataKey: SecretKeyCodec,
  revealToken: AccessToken,
});
export type ShamirRecoverySecret = Infer<typeof ShamirRecoverySecret>;

/**
 * Shares number 1, 2, 3… to be dealt to the recipients in order, each taking its weight.
 * @throws ShamirParametersError unless 1 <= threshold <= shares <= 255
 */
export function splitShamirRecoverySecret(
  secret: ShamirRecoverySecret,
  { threshold, shares }: { readonly threshold: number; readonly shares: number },
): ShamirShare[] {
  return splitSecret(dump(ShamirRecoverySecret, secret), threshold, shares);
}

/**
 * The secret of at least `threshold` different shares. Wrong shares usually surface as a BadSerializationError.
 * @throws DecryptionError when there are too few, or they cannot belong together
 * @throws BadSerializationError
 */
export function combineShamirRecoverySecret(shares: readonly ShamirShare[], threshold: number): ShamirRecoverySecret {
  return load(ShamirRecoverySecret, combineShares(shares, threshold));
}
