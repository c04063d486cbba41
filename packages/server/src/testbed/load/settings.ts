import { configureOrganization } from "../../administration/organizations.ts";
import { jsonBool, jsonCount, jsonMap, jsonNullable, jsonText } from "../../http/json-fields.ts";
import type { OrganizationSettings } from "../../store/port/organizations.ts";
import { type LoadOperation, timestampOf } from "./context.ts";

export const organizationUpdate: LoadOperation = async (context) => {
  const { tx, organizationId, fields } = context;
  const updatedOn = timestampOf(context);
  const settings: { -readonly [K in keyof OrganizationSettings]?: OrganizationSettings[K] } = {};
  const isExpired = fields.optional("is_expired", jsonBool);
  if (isExpired !== undefined) settings.isExpired = isExpired;
  const activeUsersLimit = fields.optional("active_users_limit", jsonNullable(jsonCount));
  if (activeUsersLimit !== undefined) settings.activeUsersLimit = activeUsersLimit;
  const outsiders = fields.optional("user_profile_outsider_allowed", jsonBool);
  if (outsiders !== undefined) settings.userProfileOutsiderAllowed = outsiders;
  const period = fields.optional("realm_minimum_archiving_period_before_deletion", jsonCount);
  if (period !== undefined) settings.realmMinimumArchivingPeriodBeforeDeletion = period;
  const tos = fields.optional("tos", jsonNullable(jsonMap(jsonText)));
  if (tos !== undefined) settings.tos = tos === null ? null : { perLocaleUrls: tos, updatedOn };
  await configureOrganization(tx, organizationId, settings);
};
