import { toBase64 } from "@parsec/base";
import type { InvitationRow } from "../../store/port/invitations.ts";
import { byDate, type DumpContext, type DumpedOperation } from "./operation.ts";

/** By date, together: an invitation to a recovery is about the setup of its time. */
export async function invitationAndShamirOperations({
  tx,
  organizationId,
}: DumpContext): Promise<readonly DumpedOperation[]> {
  const setups = await tx.shamir.list(organizationId);
  const invitations = await tx.invitations.list(organizationId);
  return byDate([
    ...setups.map((setup) => ({
      op: "shamir_recovery_setup",
      timestamp: setup.createdOn,
      author: setup.author,
      ciphered_data: setup.cipheredData && toBase64(setup.cipheredData),
      reveal_token: setup.revealToken,
      shamir_recovery_brief_certificate: toBase64(setup.briefCertificate),
      shamir_recovery_share_certificates: setup.shares.map(({ certificate }) => toBase64(certificate)),
    })),
    ...invitations.map((invitation) => ({
      timestamp: invitation.createdOn,
      author: invitation.createdBy,
      token: invitation.token,
      ...targetFields(invitation),
    })),
    ...setups.flatMap(({ deletion }) =>
      deletion === null
        ? []
        : [
            {
              op: "shamir_recovery_delete",
              timestamp: deletion.on,
              author: deletion.by,
              shamir_recovery_deletion_certificate: toBase64(deletion.certificate),
            },
          ],
    ),
    ...invitations.flatMap(({ token, ended }) =>
      ended === null
        ? []
        : [
            {
              op: ended.reason === "CANCELLED" ? "invite_cancel" : "invite_complete",
              timestamp: ended.on,
              ...(ended.by === null ? {} : { author: ended.by }),
              token,
            },
          ],
    ),
  ]);
}

function targetFields({ target }: InvitationRow) {
  if (target.type === "USER") return { op: "invite_new_user", claimer_email: target.claimerEmail };
  if (target.type === "DEVICE") return { op: "invite_new_device" };
  return { op: "invite_new_shamir_recovery", claimer_user_id: target.claimer };
}
