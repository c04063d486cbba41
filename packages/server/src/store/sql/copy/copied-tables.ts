import type { Tables } from "../tables.ts";

/** What belongs to one database alone: its own state, and events on their way between its processes. */
type OwnTable = "migration" | "unfinished_copy" | "large_event";

export type CopiedTable = Exclude<keyof Tables, OwnTable>;

/** Who adds a table says here that it is copied, or above that it is not. */
function all<const T extends readonly CopiedTable[]>(
  tables: T & (CopiedTable extends T[number] ? unknown : never),
): readonly CopiedTable[] {
  return tables;
}

/** The tables that are copied, each after those that its rows refer to. */
export const copiedTables = all([
  "organization",
  "topic",
  "user_",
  "profile_update",
  "device",
  "realm",
  "realm_role",
  "realm_name",
  "realm_archiving",
  "realm_rotation",
  "realm_access",
  "realm_service_access",
  "vlob",
  "block",
  "block_data",
  "invitation",
  "greeting_attempt",
  "greeting_step",
  "shamir_setup",
  "shamir_share",
  "sequester_service",
  "enrollment",
  "totp_setup",
  "totp_key",
  "cryptpad_session",
  "account",
  "vault",
  "vault_item",
  "auth_method",
  "validation_code",
]);
