import { organizationInfo } from "@parsec/protocol";
import { authenticated } from "../handler.ts";

/** Spec 08b §5.7. */
export const organizationInfoHandler = authenticated(organizationInfo).inTransaction(async ({ tx, organizationId }) => {
  let totalMetadataBytes = 0;
  let totalBlockBytes = 0;
  for (const realm of await tx.realms.list(organizationId)) {
    totalMetadataBytes += await tx.vlobs.totalSize(organizationId, realm.realmId);
    totalBlockBytes += await tx.blocks.totalSize(organizationId, realm.realmId);
  }
  return { status: "ok", totalMetadataBytes, totalBlockBytes };
});
