import { ParsecError } from "@parsec/base";
import { parseAddress, parseServerHttpUrl } from "@parsec/types";
import { unknownProtection } from "../advisory-protection.ts";
import type { OpenBaoConfig, ServerConfig } from "../config.ts";
import {
  JsonFieldError,
  JsonFields,
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
  server_addr: setting(jsonServerAddress, (serverAddress) => ({ serverAddress })),
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
  advisory_device_file_protection: setting(jsonProtections, (advisoryDeviceFileProtection) => ({
    advisoryDeviceFileProtection,
  })),
  cryptpad_config: setting(jsonNullable(jsonCryptpad), (cryptpadServerUrl) => ({ cryptpadServerUrl })),
  openbao_config: setting(jsonNullable(jsonOpenBao), (openbao) => ({ openbao })),
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

/** In both forms, `parsec3://…` and `http(s)://…`. */
function jsonServerAddress(value: unknown) {
  if (typeof value !== "string") return undefined;
  try {
    return value.startsWith("http") ? parseServerHttpUrl(value) : parseAddress("server", value);
  } catch (error) {
    if (ParsecError.is(error)) return undefined;
    throw error;
  }
}

function jsonCryptpad(value: unknown): string | undefined {
  return isObject(value) ? new JsonFields(value).required("server_url", jsonText) : undefined;
}

function jsonOpenBao(value: unknown): OpenBaoConfig | undefined {
  if (!isObject(value)) return undefined;
  const fields = new JsonFields(value);
  return {
    serverUrl: fields.required("server_url", jsonText),
    secretMountPath: fields.required("secret_mount_path", jsonText),
    transitMountPath: fields.required("transit_mount_path", jsonText),
    auths: fields.required("auths", jsonList).map((auth) => {
      const authFields = new JsonFields(auth);
      return {
        id: authFields.required("id", jsonOneOf("HEXAGONE", "PRO_CONNECT")),
        mountPath: authFields.required("mount_path", jsonText),
      };
    }),
  };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function jsonSeconds(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 ? value : undefined;
}

function jsonProtections(value: unknown): readonly string[] | undefined {
  const texts = jsonList(value)?.map((item) => jsonText(item));
  if (texts?.every((text) => text !== undefined) !== true) return undefined;
  return unknownProtection(texts) === undefined ? texts : undefined;
}
