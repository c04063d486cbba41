import { AccessToken, type DateTime, type OrganizationId } from "@parsec/types";
import { initialSettings, type ServerConfig } from "../../config.ts";
import {
  JsonFields,
  jsonBool,
  jsonCount,
  jsonMap,
  jsonNullable,
  jsonOneOf,
  jsonParsed,
  jsonText,
} from "../../http/json-fields.ts";
import type { OrganizationRow, Tos } from "../../store/port/organizations.ts";
import { jsonDate } from "./context.ts";

/** What fills in what a dump leaves out. */
export interface DumpDefaults {
  readonly config: Omit<ServerConfig, "administrationToken">;
  readonly now: () => DateTime;
}

/** The organization that a dump's `organization` describes; what it leaves out is the server's default. */
export function dumpedOrganization(
  server: DumpDefaults,
  organizationId: OrganizationId,
  description: unknown,
): OrganizationRow {
  const fields = new JsonFields(description ?? {});
  const createdOn = fields.optional("created_on", jsonNullable(jsonDate)) ?? server.now();
  const defaults = initialSettings(server.config, createdOn);
  const limit = fields.optional("active_users_limit", jsonNullable(jsonCount));
  const tos = fields.optional("tos", jsonNullable(jsonTos));
  return {
    organizationId,
    createdOn,
    bootstrapToken: fields.optional("bootstrap_token", jsonNullable(jsonParsed(AccessToken.parse))) ?? null,
    bootstrap: null,
    isExpired: fields.optional("is_expired", jsonNullable(jsonBool)) ?? defaults.isExpired,
    activeUsersLimit: limit === undefined ? defaults.activeUsersLimit : limit,
    userProfileOutsiderAllowed:
      fields.optional("user_profile_outsider_allowed", jsonNullable(jsonBool)) ?? defaults.userProfileOutsiderAllowed,
    realmMinimumArchivingPeriodBeforeDeletion:
      fields.optional("realm_minimum_archiving_period_before_deletion", jsonNullable(jsonCount)) ??
      defaults.realmMinimumArchivingPeriodBeforeDeletion,
    tos: tos === undefined ? defaults.tos : tos,
    allowedClientAgent:
      fields.optional("allowed_client_agent", jsonOneOf("NATIVE_ONLY", "NATIVE_OR_WEB")) ?? defaults.allowedClientAgent,
  };
}

function jsonTos(value: unknown): Tos | undefined {
  const fields = new JsonFields(value);
  return {
    perLocaleUrls: fields.required("per_locale_urls", jsonMap(jsonText)),
    updatedOn: fields.required("updated_on", jsonDate),
  };
}
