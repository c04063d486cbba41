import { ParsecError } from "@parsec/base";
import { parseServerHttpUrl } from "@parsec/types";
import type { ServerConfig } from "../config.ts";
import {
  JsonFieldError,
  type JsonFields,
  type JsonKind,
  jsonBool,
  jsonCount,
  jsonList,
  jsonMap,
  jsonNullable,
  jsonOneOf,
  jsonText,
} from "../http/json-fields.ts";
import { TestbedError } from "./error.ts";

/** The settings that `PUT /testbed/config` changes, by their names of spec 13 §7. */
const settings: Readonly<Record<string, (fields: JsonFields, name: string) => Partial<ServerConfig>>> = {
  server_addr: setting(jsonServerUrl, (serverAddress) => ({ serverAddress })),
  organization_spontaneous_bootstrap: setting(jsonBool, (spontaneousBootstrap) => ({ spontaneousBootstrap })),
  organization_initial_active_users_limit: setting(jsonNullable(jsonCount), (initialActiveUsersLimit) => ({
    initialActiveUsersLimit,
  })),
  organization_initial_user_profile_outsider_allowed: setting(jsonBool, (initialUserProfileOutsiderAllowed) => ({
    initialUserProfileOutsiderAllowed,
  })),
  organization_initial_realm_deletion_min_archiving_period: setting(jsonCount, (initialMinimumArchivingPeriod) => ({
    initialMinimumArchivingPeriod,
  })),
  organization_initial_tos: setting(jsonNullable(jsonMap(jsonText)), (initialTos) => ({ initialTos })),
  organization_initial_allowed_client_agent: setting(
    jsonOneOf("NATIVE_ONLY", "NATIVE_OR_WEB"),
    (initialAllowedClientAgent) => ({ initialAllowedClientAgent }),
  ),
  sse_keepalive: setting(jsonNullable(jsonSeconds), (sseKeepalive) => ({ sseKeepalive })),
  sse_events_cache_size: setting(jsonCount, (sseEventsCacheSize) => ({ sseEventsCacheSize })),
  account_config: setting(jsonOneOf("DISABLED", "ENABLED_WITHOUT_VAULT", "ENABLED_WITH_VAULT"), (account) => ({
    account,
  })),
  advisory_device_file_protection: setting(jsonTexts, (advisoryDeviceFileProtection) => ({
    advisoryDeviceFileProtection,
  })),
};

const rateLimitNames = ["email_rate_limit_cooldown_delay", "email_rate_limit_max_per_hour"] as const;

/** The changes that a body asks for. `current` completes the settings that are changed in part. @throws TestbedError */
export function readConfig(fields: JsonFields, current: ServerConfig): Partial<ServerConfig> {
  try {
    const [cooldown, maxPerHour] = rateLimitNames.map((name) => fields.optional(name, jsonCount));
    let changes: Partial<ServerConfig> = {};
    if (cooldown !== undefined || maxPerHour !== undefined) {
      const { emailRateLimit } = current;
      changes = {
        emailRateLimit: {
          cooldown: cooldown ?? emailRateLimit.cooldown,
          maxPerHour: maxPerHour ?? emailRateLimit.maxPerHour,
        },
      };
    }
    for (const name of fields.unread) {
      const read = Object.hasOwn(settings, name) ? settings[name] : undefined;
      if (read === undefined) throw new TestbedError("unknown_setting", `Unknown setting ${name}`);
      changes = { ...changes, ...read(fields, name) };
    }
    return changes;
  } catch (error) {
    if (error instanceof JsonFieldError) throw new TestbedError("unknown_setting", error.message);
    throw error;
  }
}

function setting<T>(kind: JsonKind<T>, change: (value: T) => Partial<ServerConfig>) {
  return (fields: JsonFields, name: string) => change(fields.required(name, kind));
}

function jsonServerUrl(value: unknown) {
  if (typeof value !== "string") return undefined;
  try {
    return parseServerHttpUrl(value);
  } catch (error) {
    if (ParsecError.is(error)) return undefined;
    throw error;
  }
}

function jsonSeconds(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 ? value : undefined;
}

function jsonTexts(value: unknown): readonly string[] | undefined {
  const texts = jsonList(value)?.map((item) => jsonText(item));
  return texts?.every((text) => text !== undefined) === true ? texts : undefined;
}
