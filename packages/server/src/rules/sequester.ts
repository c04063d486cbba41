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

type QueryFor = (service: SequesterServiceRow) => OmitEach<SequesterQuery, "webhookUrl" | "serviceId">;

/** What a transaction gives when services must accept before anything is done. */
export class ServicesToAsk {
  readonly services: readonly SequesterServiceRow[];
  readonly queryFor: QueryFor;

  constructor(services: readonly SequesterServiceRow[], queryFor: QueryFor) {
    this.services = services;
    this.queryFor = queryFor;
  }
}

/** Of the services, those with a webhook that has not been asked yet. */
export type Unasked = (services: readonly SequesterServiceRow[]) => readonly SequesterServiceRow[];

/**
 * Repeats `attempt`, a transaction with all its checks, until no active webhook is left that has not accepted: also those
 * of services that were created, or configured anew, while others were being asked. One after the other; the first
 * refusal is the error reply (spec 08c §7). Webhooks are never asked inside a transaction.
 */
export async function onceServicesAccept<Reply>(
  server: ServerContext,
  attempt: (unasked: Unasked) => Promise<Reply | ServicesToAsk>,
) {
  const asked = new Set<string>();
  const unasked: Unasked = (services) =>
    services.filter((service) => service.config.type === "webhook" && !asked.has(askedKey(service)));
  for (;;) {
    const found = await attempt(unasked);
    if (!(found instanceof ServicesToAsk)) return found;
    for (const service of found.services) {
      const refusal = await refusedBy(server, service, found.queryFor(service));
      if (refusal !== undefined) return refusal;
      asked.add(askedKey(service));
    }
  }
}

/** A service that has got another address is asked again. */
function askedKey({ serviceId, config }: SequesterServiceRow): string {
  return `${serviceId} ${config.type === "webhook" ? config.webhookUrl : ""}`;
}

async function refusedBy(
  server: ServerContext,
  { serviceId, config }: SequesterServiceRow,
  query: ReturnType<QueryFor>,
) {
  if (config.type !== "webhook") return undefined;
  const { webhookUrl } = config;
  const answer = await server.webhooks.askSequesterService({ ...query, webhookUrl, serviceId });
  if (answer.verdict === "unavailable") return { status: "sequester_service_unavailable", serviceId } as const;
  if (answer.verdict === "rejected") {
    return { status: "rejected_by_sequester_service", serviceId, reason: answer.reason } as const;
  }
  return undefined;
}
