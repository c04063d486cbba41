import type { OrganizationScope } from "../commands/scope.ts";
import type { ServerContext } from "../context.ts";
import type { SequesterServiceRow } from "../store/port/sequester.ts";
import type { SequesterQuery } from "../webhooks/port.ts";

/** The services that are not revoked. */
export async function activeServices({
  tx,
  organizationId,
}: Pick<OrganizationScope, "tx" | "organizationId">): Promise<readonly SequesterServiceRow[]> {
  return (await tx.sequester.list(organizationId)).filter(({ revocation }) => revocation === null);
}

/** Omits from each member of a union, where `Omit` would merge them. */
type OmitEach<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/**
 * Asks each service that has a webhook, one after the other; the first refusal is the error reply (spec 08c §7).
 * Never inside a transaction.
 */
export async function refusedByService(
  server: ServerContext,
  services: readonly SequesterServiceRow[],
  queryFor: (service: SequesterServiceRow) => OmitEach<SequesterQuery, "webhookUrl" | "serviceId">,
) {
  for (const service of services) {
    const { serviceId, config } = service;
    if (config.type !== "webhook") continue;
    const query = { ...queryFor(service), webhookUrl: config.webhookUrl, serviceId };
    const answer = await server.webhooks.askSequesterService(query);
    if (answer.verdict === "unavailable") return { status: "sequester_service_unavailable", serviceId } as const;
    if (answer.verdict === "rejected") {
      return { status: "rejected_by_sequester_service", serviceId, reason: answer.reason } as const;
    }
  }
  return undefined;
}
