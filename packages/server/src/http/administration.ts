import { DateTime, formatAddress, formatRedirection, OrganizationId, parseServerHttpUrl } from "@parsec/types";
import {
  createOrganization,
  existingOrganization,
  type OrganizationChanges,
  updateOrganization,
} from "../administration/organizations.ts";
import { type OrganizationStatistics, organizationStatistics } from "../administration/statistics.ts";
import type { ServerContext } from "../context.ts";
import type { OrganizationRow, Tos } from "../store/port/organizations.ts";
import { administrationRoute, organizationRoute } from "./administration-route.ts";
import { requestScheme } from "./client-info.ts";
import {
  JsonFieldError,
  type JsonFields,
  jsonBool,
  jsonCount,
  jsonMap,
  jsonNullable,
  jsonOneOf,
  jsonParsed,
  jsonText,
} from "./json-fields.ts";
import { jsonResponse } from "./response.ts";

/** Spec 08c §1.2. The links are made from the address that the request was sent to. */
export const createOrganizationRoute = administrationRoute(async (server, c, fields) => {
  const organizationId = fields.required("organization_id", jsonParsed(OrganizationId.parse));
  const { tos: _null, ...others } = organizationChanges(fields);
  const tos = fields.optional("tos", jsonMap(jsonText));
  const changes = tos === undefined ? others : { ...others, tos };
  const token = await createOrganization(server, organizationId, changes);
  const scheme = requestScheme(c.env.incoming, server.config);
  const location = parseServerHttpUrl(`${scheme}://${new URL(c.req.url).host}`);
  const address = { ...location, kind: "organization_bootstrap", organizationId, token } as const;
  return jsonResponse(200, {
    bootstrap_url: formatAddress(address),
    bootstrap_url_as_http_redirection: formatRedirection(address),
  });
});

export const getOrganizationRoute = organizationRoute(async (server, organizationId) => {
  const organization = await server.store.transaction(async (tx) => ({
    end: "commit",
    value: await existingOrganization(tx, organizationId),
  }));
  return jsonResponse(200, organizationJson(organization));
});

export const updateOrganizationRoute = organizationRoute(async (server, organizationId, fields) => {
  const isExpired = fields.optional("is_expired", jsonBool);
  const changes = organizationChanges(fields);
  await updateOrganization(server, organizationId, isExpired === undefined ? changes : { ...changes, isExpired });
  return jsonResponse(200, {});
});

export const organizationStatisticsRoute = organizationRoute(async (server, organizationId) => {
  const statistics = await server.store.transaction(async (tx) => {
    await existingOrganization(tx, organizationId);
    return { end: "commit", value: await organizationStatistics(tx, organizationId) };
  });
  return jsonResponse(200, statisticsJson(statistics));
});

/** Spec 08c §1.3: every organization, as JSON or CSV. */
export const serverStatisticsRoute = administrationRoute(async (server, c) => {
  const format = jsonOneOf("json", "csv")(c.req.query("format") ?? "json");
  if (format === undefined) throw new JsonFieldError("format", "is json or csv");
  const atText = c.req.query("at");
  const at = atText === undefined ? server.now() : jsonParsed(DateTime.parseRfc3339)(atText);
  if (at === undefined) {
    return jsonResponse(400, { detail: "Invalid `at` query argument (expected RFC3339 datetime)" });
  }
  const all = await allStatistics(server, at);
  if (format === "csv") return new Response(csv(all), { headers: { "Content-Type": "text/csv; charset=utf-8" } });
  const stats = [...all].map(([id, statistics]) => ({ organization_id: id, ...statisticsJson(statistics) }));
  return jsonResponse(200, { stats });
});

function organizationChanges(fields: JsonFields): OrganizationChanges {
  const changes = {
    userProfileOutsiderAllowed: fields.optional("user_profile_outsider_allowed", jsonBool),
    activeUsersLimit: fields.optional("active_users_limit", jsonNullable(jsonCount)),
    realmMinimumArchivingPeriodBeforeDeletion: fields.optional(
      "realm_minimum_archiving_period_before_deletion",
      jsonCount,
    ),
    allowedClientAgent: fields.optional("allowed_client_agent", jsonOneOf("NATIVE_ONLY", "NATIVE_OR_WEB")),
    tos: fields.optional("tos", jsonNullable(jsonMap(jsonText))),
  };
  return withoutUndefined(changes);
}

/** Absent fields are left out: they mean "unchanged", where null has a meaning of its own. */
function withoutUndefined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // The filter does what the type says; `Object.entries` forgets which value belongs to which name.
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function organizationJson(organization: OrganizationRow) {
  return {
    is_bootstrapped: organization.bootstrap !== null,
    is_expired: organization.isExpired,
    user_profile_outsider_allowed: organization.userProfileOutsiderAllowed,
    active_users_limit: organization.activeUsersLimit,
    realm_minimum_archiving_period_before_deletion: organization.realmMinimumArchivingPeriodBeforeDeletion,
    allowed_client_agent: organization.allowedClientAgent,
    tos: organization.tos === null ? null : tosJson(organization.tos),
  };
}

function tosJson({ perLocaleUrls, updatedOn }: Tos) {
  return { per_locale_urls: Object.fromEntries(perLocaleUrls), updated_on: DateTime.formatRfc3339(updatedOn) };
}

function statisticsJson(statistics: OrganizationStatistics) {
  return {
    realms: statistics.realms,
    data_size: statistics.dataSize,
    metadata_size: statistics.metadataSize,
    users: statistics.users,
    active_users: statistics.activeUsers,
    users_per_profile_detail: Object.fromEntries(statistics.perProfile),
  };
}

async function allStatistics(
  server: ServerContext,
  at: DateTime,
): Promise<ReadonlyMap<OrganizationId, OrganizationStatistics>> {
  return await server.store.transaction(async (tx) => {
    const all = new Map<OrganizationId, OrganizationStatistics>();
    for (const { organizationId, createdOn } of await tx.organizations.list()) {
      if (createdOn <= at) all.set(organizationId, await organizationStatistics(tx, organizationId, at));
    }
    return { end: "commit", value: all };
  });
}

const csvHeader =
  "organization_id,data_size,metadata_size,realms,active_users,admin_users_active,admin_users_revoked," +
  "standard_users_active,standard_users_revoked,outsider_users_active,outsider_users_revoked";

function csv(all: ReadonlyMap<OrganizationId, OrganizationStatistics>): string {
  const rows = [...all].map(([organizationId, { dataSize, metadataSize, realms, activeUsers, perProfile }]) => {
    const counts = [...perProfile.values()].flatMap(({ active, revoked }) => [active, revoked]);
    return [organizationId, dataSize, metadataSize, realms, activeUsers, ...counts].join(",");
  });
  return [csvHeader, ...rows].map((row) => `${row}\r\n`).join("");
}
