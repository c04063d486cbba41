import { organizationInfo } from "@parsec/protocol";
import { authenticated } from "../handler.ts";

/** Spec 08b §5.7. */
export const organizationInfoHandler = authenticated(organizationInfo).inTransaction(async ({ tx, organizationId }) => {
  const { vlobs: totalMetadataBytes, blocks: totalBlockBytes } = await tx.realms.totalSizes(organizationId);
  return { status: "ok", totalMetadataBytes, totalBlockBytes };
});
