import { AccessToken, Bytes } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Fetches the encrypted recovery data, against the token rebuilt from the shares (spec 05 §13.3). */
export const inviteShamirRecoveryReveal = /* @__PURE__ */ command("invited", "invite_shamir_recovery_reveal", () => ({
  request: { revealToken: AccessToken },
  replies: {
    ok: { cipheredData: Bytes },
    bad_invitation_type: {},
    bad_reveal_token: {},
  },
}));
export type InviteShamirRecoveryRevealRequest = RequestOf<typeof inviteShamirRecoveryReveal>;
export type InviteShamirRecoveryRevealReply = ReplyOf<typeof inviteShamirRecoveryReveal>;
