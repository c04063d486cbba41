import { realmUpdateArchiving } from "@parsec/protocol";
import { DateTime, type RealmArchivingConfiguration, signCertificate, type VlobId } from "@parsec/types";
import { ClientError } from "../errors.ts";
import type { SessionContext } from "../session/context.ts";
import { timestampOffset, withGreaterTimestamp } from "../session/greater-timestamp.ts";
import { type AuthoringOptions, type Outcome, uploaded } from "./outcome.ts";
import { realmRefusal } from "./realm-refusal.ts";

/** The archiving that an owner asks for; the deletion date is counted from the date of the certificate. */
export type ArchivingRequest =
  | { readonly type: "AVAILABLE" }
  | { readonly type: "ARCHIVED" }
  | { readonly type: "DELETION_PLANNED"; readonly archivingPeriodSeconds: number };

/**
 * Archives a realm, plans its deletion, or makes it available again (spec 09a §6.3).
 * @throws AuthoringError, RealmRefusal, ARCHIVING_PERIOD_TOO_SHORT
 */
export async function archiveRealm(
  context: SessionContext,
  realmId: VlobId,
  request: ArchivingRequest,
  options: AuthoringOptions = {},
): Promise<Outcome> {
  const { device, connection } = context;
  const { reply, timestamp } = await withGreaterTimestamp(context, timestampOffset.archiving, (timestamp) => {
    const archivingCertificate = signCertificate(device.signingKey, {
      type: "realm_archiving_certificate",
      author: device.deviceId,
      timestamp,
      realmId,
      configuration: configurationOf(request, timestamp),
    });
    return connection.send(realmUpdateArchiving, { archivingCertificate }, options);
  });
  switch (reply.status) {
    case "ok":
      return uploaded(timestamp);
    case "archiving_period_too_short":
      throw new ClientError("ARCHIVING_PERIOD_TOO_SHORT");
    default:
      throw realmRefusal("realm_update_archiving", reply.status);
  }
}

function configurationOf(request: ArchivingRequest, timestamp: DateTime): RealmArchivingConfiguration {
  if (request.type !== "DELETION_PLANNED") return { type: request.type };
  return {
    type: "DELETION_PLANNED",
    deletionDate: DateTime.fromMicros(timestamp + request.archivingPeriodSeconds * 1_000_000),
  };
}
