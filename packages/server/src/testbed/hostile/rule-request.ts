import {
  JsonFieldError,
  JsonFields,
  type JsonKind,
  jsonCount,
  jsonInteger,
  jsonList,
  jsonOneOf,
  jsonText,
} from "../../http/json-fields.ts";
import { TestbedError } from "../error.ts";
import type { HostileMatch, HostileRule } from "./rule.ts";

const simpleKinds = [
  "swap_blocks",
  "tamper_blocks",
  "replay_vlobs",
  "tamper_vlobs",
  "forge_vlob_timestamps",
  "forge_vlob_authors",
  "drop_certificates",
  "duplicate_certificates",
  "reorder_certificates",
  "tamper_certificates",
  "weak_kdf",
  "garbage_reply",
] as const;

/** The rule in the body of `POST /testbed/hostile`. @throws TestbedError `unknown_rule` */
export function readRule(fields: JsonFields): HostileRule {
  try {
    const organizationId = fields.optional("organization_id", jsonText);
    const match = fields.optional("match", jsonMatch);
    const count = fields.optional("count", jsonCount);
    return {
      ...(organizationId === undefined ? {} : { organization_id: organizationId }),
      ...(match === undefined ? {} : { match }),
      ...(count === undefined ? {} : { count }),
      ...readKind(fields),
    };
  } catch (error) {
    if (error instanceof JsonFieldError) throw new TestbedError("unknown_rule", error.message);
    throw error;
  }
}

function readKind(fields: JsonFields): HostileRule {
  const kind = fields.required(
    "kind",
    jsonOneOf(...simpleKinds, "serve_operations", "other_organization", "delay", "http_status"),
  );
  switch (kind) {
    case "serve_operations":
      return { kind, operations: fields.required("operations", jsonList) };
    case "other_organization":
      return { kind, from: fields.required("from", jsonText) };
    case "delay":
      return { kind, delay_ms: fields.required("delay_ms", jsonCount) };
    case "http_status": {
      const every = fields.optional("every", jsonCount);
      return { kind, status: fields.required("status", jsonInteger), ...(every === undefined ? {} : { every }) };
    }
    default:
      return { kind };
  }
}

const jsonMatch: JsonKind<HostileMatch> = (value) => {
  const fields = new JsonFields(value);
  const names = ["command", "realm_id", "vlob_id", "block_id", "certificate"] as const;
  const given = names.flatMap((name) => {
    const text = fields.optional(name, jsonText);
    return text === undefined ? [] : [[name, text] as const];
  });
  return Object.fromEntries(given);
};
