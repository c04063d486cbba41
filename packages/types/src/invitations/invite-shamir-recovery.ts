import { type Infer, list, tagged } from "../codec/index.ts";
import { ShamirShareCodec } from "../keys.ts";

/** The claimer of a recovery has nothing to say (spec 04 §7). */
export const InviteShamirRecoveryData = /* @__PURE__ */ tagged("type", "invite_shamir_recovery_data", {});
export type InviteShamirRecoveryData = Infer<typeof InviteShamirRecoveryData>;

/** The shares of one recipient, as many as its weight. */
export const InviteShamirRecoveryConfirmation = /* @__PURE__ */ tagged("type", "invite_shamir_recovery_confirmation", {
  weightedShare: /* @__PURE__ */ list(ShamirShareCodec),
});
export type InviteShamirRecoveryConfirmation = Infer<typeof InviteShamirRecoveryConfirmation>;
