import { shamirRecoveryDelete } from "@parsec/protocol";
import { signCertificate } from "@parsec/types";
import { latest, shamirSetupAt } from "../certificates/at.ts";
import { UnexpectedReplyError } from "../errors.ts";
import type { SessionContext } from "../session/context.ts";
import { timestampOffset, withGreaterTimestamp } from "../session/greater-timestamp.ts";

/**
 * Deletes the own recovery setup; nothing to do when there is none (spec 09a §7.10).
 * @throws AuthoringError
 */
export async function deleteRecovery(
  context: SessionContext,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { certificates, connection, device } = context;
  const setup = shamirSetupAt(certificates.view, device.userId, latest);
  if (setup === undefined || setup.deletion !== undefined) return;
  const { brief } = setup;
  const { reply, timestamp } = await withGreaterTimestamp(context, timestampOffset.shamir, (timestamp) => {
    const shamirRecoveryDeletionCertificate = signCertificate(device.signingKey, {
      type: "shamir_recovery_deletion_certificate",
      author: device.deviceId,
      timestamp,
      setupToDeleteTimestamp: brief.timestamp,
      setupToDeleteUserId: device.userId,
      shareRecipients: new Set(brief.perRecipientShares.keys()),
    });
    return connection.send(shamirRecoveryDelete, { shamirRecoveryDeletionCertificate }, options);
  });
  switch (reply.status) {
    case "ok":
      await certificates.require({ shamirRecovery: timestamp }, options);
      return;
    case "shamir_recovery_already_deleted":
      await certificates.require({ shamirRecovery: reply.lastShamirCertificateTimestamp }, options);
      return;
    default:
      throw new UnexpectedReplyError("shamir_recovery_delete", reply.status);
  }
}
