import { inviteShamirRecoveryReveal } from "@parsec/protocol";
import { setupOf } from "../../rules/invitation.ts";
import { invited } from "../handler.ts";

/** Spec 08b §8.8. */
export const inviteShamirRecoveryRevealHandler = invited(inviteShamirRecoveryReveal).inTransaction(
  async (scope, { revealToken }) => {
    const { invitation } = scope;
    if (invitation.target.type !== "SHAMIR_RECOVERY") return { status: "bad_invitation_type" };
    const setup = await setupOf(scope, invitation);
    if (setup === undefined || setup.cipheredData === null || setup.revealToken !== revealToken) {
      return { status: "bad_reveal_token" };
    }
    return { status: "ok", cipheredData: setup.cipheredData };
  },
);
