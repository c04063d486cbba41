import { toBase64 } from "@parsec/base";
import { byDate, type DumpContext, type DumpedOperation } from "./operation.ts";

export async function sequesterOperations({ tx, organizationId }: DumpContext): Promise<readonly DumpedOperation[]> {
  const services = await tx.sequester.list(organizationId);
  return byDate([
    ...services.map(({ createdOn, certificate, config }) => ({
      op: "sequester_create_service",
      timestamp: createdOn,
      service_certificate: toBase64(certificate),
      config: config.type === "storage" ? { type: config.type } : { type: config.type, webhook_url: config.webhookUrl },
    })),
    ...services.flatMap(({ revocation }) =>
      revocation === null
        ? []
        : [
            {
              op: "sequester_revoke_service",
              timestamp: revocation.on,
              revoked_service_certificate: toBase64(revocation.certificate),
            },
          ],
    ),
  ]);
}
