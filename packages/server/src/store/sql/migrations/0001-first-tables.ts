import { type SqlBool, sql } from "kysely";
import { bytes, date, flag, id, integer, oneOf, orNull, ownedBy, type TableBuilder, text } from "./table-builder.ts";

// What a migration makes never changes once it was released: later ones alter it.

const organization = ownedBy("organization");
const realm = ownedBy("realm");
const certified = { certificate: bytes, certified_by: id, certified_on: date };
const profile = oneOf("ADMIN", "STANDARD", "OUTSIDER");

/** Everything of spec 08a §4. */
export async function firstTables(tables: TableBuilder): Promise<void> {
  await organizations(tables);
  await users(tables);
  await realms(tables);
  await vlobsAndBlocks(tables);
  await invitations(tables);
  await shamirAndSequester(tables);
  await enrollmentsAndTotp(tables);
  await accounts(tables);
  await tables.table(
    "large_event",
    { event_id: id, payload: bytes, created_on: date },
    { unique: [["event_id"]], indexes: [{ on: ["created_on"] }] },
  );
}

async function organizations(tables: TableBuilder): Promise<void> {
  await tables.table(
    "organization",
    {
      organization_id: text,
      created_on: date,
      bootstrap_token: orNull(id),
      bootstrapped_on: orNull(date),
      root_verify_key: orNull(bytes),
      sequester_authority_certificate: orNull(bytes),
      sequester_authority_verify_key_der: orNull(bytes),
      is_expired: flag,
      active_users_limit: orNull(integer),
      user_profile_outsider_allowed: flag,
      minimum_archiving_period: integer,
      tos_updated_on: orNull(date),
      tos_urls: orNull(text),
      allowed_client_agent: oneOf("NATIVE_ONLY", "NATIVE_OR_WEB"),
    },
    {
      unique: [["organization_id"]],
      indexes: [{ on: ["created_on"], where: sql<SqlBool>`bootstrap_token is null and root_verify_key is null` }],
    },
  );
  await tables.table(
    "topic",
    { organization, name: text, last_timestamp: date },
    { unique: [["organization", "name"]] },
  );
}

async function users(tables: TableBuilder): Promise<void> {
  const active = sql<SqlBool>`revoked_on is null`;
  await tables.table(
    "user_",
    {
      organization,
      user_id: id,
      email: text,
      label: text,
      initial_profile: profile,
      current_profile: profile,
      certificate: bytes,
      redacted_certificate: bytes,
      certified_by: orNull(id),
      created_on: date,
      revoked_on: orNull(date),
      revoked_by: orNull(id),
      revoked_certificate: orNull(bytes),
      frozen: flag,
      tos_accepted_on: orNull(date),
    },
    {
      unique: [["organization", "user_id"]],
      indexes: [
        { on: ["organization", "email", "_id"] },
        { on: ["email"] },
        { on: ["organization", "created_on"] },
        { on: ["organization", "revoked_on"] },
        { on: ["organization", "email"], unique: true, where: active },
        { on: ["organization", "current_profile"], where: active },
        { on: ["organization"], where: sql<SqlBool>`frozen = 1` },
      ],
    },
  );
  await tables.table(
    "profile_update",
    { organization, user_id: id, profile, ...certified },
    { indexes: [{ on: ["organization", "certified_on"] }] },
  );
  await tables.table(
    "device",
    {
      organization,
      device_id: id,
      user_id: id,
      verify_key: bytes,
      certificate: bytes,
      redacted_certificate: bytes,
      certified_by: orNull(id),
      created_on: date,
    },
    { unique: [["organization", "device_id"]], indexes: [{ on: ["organization", "created_on"] }] },
  );
}

async function realms(tables: TableBuilder): Promise<void> {
  await tables.table(
    "realm",
    {
      organization,
      realm_id: id,
      key_index: integer,
      created_on: date,
      status: oneOf("AVAILABLE", "ARCHIVED_OR_DELETION_PLANNED", "DELETED"),
      deleted_on: orNull(date),
      checkpoint: integer,
      newest_vlob_on: orNull(date),
      vlob_bytes: integer,
      block_bytes: integer,
    },
    { unique: [["organization", "realm_id"]] },
  );
  await tables.table(
    "realm_role",
    {
      organization,
      realm,
      user_id: id,
      role: orNull(oneOf("OWNER", "MANAGER", "CONTRIBUTOR", "READER")),
      ...certified,
    },
    {
      indexes: [
        { on: ["realm", "user_id", "_id"] },
        { on: ["realm", "certified_on"] },
        { on: ["organization", "user_id"] },
      ],
    },
  );
  await tables.table("realm_name", { realm, ...certified }, { indexes: [{ on: ["realm", "certified_on"] }] });
  await tables.table(
    "realm_archiving",
    {
      realm,
      configuration: oneOf("AVAILABLE", "ARCHIVED", "DELETION_PLANNED"),
      deletion_date: orNull(date),
      ...certified,
    },
    { indexes: [{ on: ["realm", "certified_on"] }] },
  );
  await tables.table(
    "realm_rotation",
    { realm, key_index: integer, keys_bundle: bytes, ...certified },
    { unique: [["realm", "key_index"]], indexes: [{ on: ["realm", "certified_on"] }] },
  );
  await tables.table(
    "realm_access",
    { realm, user_id: id, key_index: integer, access: bytes, given_on: date, from_sharing: flag },
    { indexes: [{ on: ["realm", "user_id", "key_index"] }] },
  );
  await tables.table(
    "realm_service_access",
    { realm, service_id: id, key_index: integer, access: bytes },
    { indexes: [{ on: ["realm"] }] },
  );
}

async function vlobsAndBlocks(tables: TableBuilder): Promise<void> {
  await tables.table(
    "vlob",
    {
      realm,
      checkpoint: integer,
      vlob_id: id,
      version: integer,
      key_index: integer,
      size: integer,
      author: id,
      created_on: date,
      blob: bytes,
    },
    {
      unique: [
        ["realm", "vlob_id", "version"],
        ["realm", "checkpoint"],
      ],
    },
  );
  await tables.table(
    "block",
    { realm, block_id: id, author: id, size: integer, key_index: integer, created_on: date },
    { unique: [["realm", "block_id"]] },
  );
}

async function invitations(tables: TableBuilder): Promise<void> {
  const open = sql<SqlBool>`ended_on is null`;
  await tables.table(
    "invitation",
    {
      organization,
      token: id,
      type: oneOf("USER", "DEVICE", "SHAMIR_RECOVERY"),
      claimer_email: orNull(text),
      claimer: orNull(id),
      setup_created_on: orNull(date),
      created_by: id,
      created_on: date,
      ended_on: orNull(date),
      ended_reason: orNull(oneOf("FINISHED", "CANCELLED")),
      ended_by: orNull(id),
    },
    {
      unique: [["organization", "token"]],
      indexes: [
        { on: ["organization", "type", "claimer"] },
        { on: ["organization", "claimer_email"], where: open },
        { on: ["organization", "claimer"], where: open },
        { on: ["claimer_email"], where: open },
      ],
    },
  );
  await tables.table(
    "greeting_attempt",
    {
      organization,
      attempt_id: id,
      token: id,
      greeter: id,
      greeter_joined: orNull(date),
      claimer_joined: orNull(date),
      cancelled_by: orNull(oneOf("GREETER", "CLAIMER")),
      cancelled_reason: orNull(text),
      cancelled_on: orNull(date),
    },
    { unique: [["organization", "attempt_id"]], indexes: [{ on: ["organization", "token", "greeter"] }] },
  );
  await tables.table(
    "greeting_step",
    { organization, attempt_id: id, step: integer, greeter_data: orNull(bytes), claimer_data: orNull(bytes) },
    { unique: [["organization", "attempt_id", "step"]] },
  );
}

async function shamirAndSequester(tables: TableBuilder): Promise<void> {
  await tables.table(
    "shamir_setup",
    {
      organization,
      user_id: id,
      created_on: date,
      author: id,
      brief_certificate: bytes,
      reveal_token: id,
      threshold: integer,
      ciphered_data: orNull(bytes),
      deleted_on: orNull(date),
      deleted_by: orNull(id),
      deletion_certificate: orNull(bytes),
    },
    {
      unique: [["organization", "user_id", "created_on"]],
      indexes: [{ on: ["organization", "user_id"], unique: true, where: sql<SqlBool>`deleted_on is null` }],
    },
  );
  await tables.table(
    "shamir_share",
    { setup: ownedBy("shamir_setup"), recipient: id, weight: integer, certificate: bytes },
    { unique: [["setup", "recipient"]], indexes: [{ on: ["recipient"] }] },
  );
  await tables.table(
    "sequester_service",
    {
      organization,
      service_id: id,
      label: text,
      certificate: bytes,
      created_on: date,
      webhook_url: orNull(text),
      revoked_on: orNull(date),
      revoked_certificate: orNull(bytes),
    },
    { unique: [["organization", "service_id"]] },
  );
}

async function enrollmentsAndTotp(tables: TableBuilder): Promise<void> {
  await tables.table(
    "enrollment",
    {
      organization,
      enrollment_id: id,
      email: text,
      submitted_on: date,
      payload: bytes,
      signature: bytes,
      size: integer,
      status: oneOf("SUBMITTED", "ACCEPTED", "REJECTED", "CANCELLED"),
      ended_on: orNull(date),
      accept_payload: orNull(bytes),
      accept_signature: orNull(bytes),
    },
    {
      unique: [["organization", "enrollment_id"]],
      indexes: [
        { on: ["organization", "status", "submitted_on"] },
        { on: ["organization", "email"], unique: true, where: sql<SqlBool>`status = 'SUBMITTED'` },
      ],
    },
  );
  await tables.table(
    "totp_setup",
    { organization, user_id: id, completed: flag, secret: orNull(bytes), reset_token: orNull(id) },
    { unique: [["organization", "user_id"]] },
  );
  await tables.table(
    "totp_key",
    {
      organization,
      opaque_key_id: id,
      user_id: id,
      opaque_key: bytes,
      failed_attempts: integer,
      last_failed_attempt: orNull(date),
    },
    { unique: [["organization", "opaque_key_id"]], indexes: [{ on: ["organization", "user_id"] }] },
  );
  await tables.table(
    "cryptpad_session",
    {
      realm,
      document_id: id,
      author: id,
      created_on: date,
      key_index: integer,
      view_key: bytes,
      edit_key: orNull(bytes),
    },
    { unique: [["realm", "document_id"]] },
  );
}

async function accounts(tables: TableBuilder): Promise<void> {
  await tables.table("account", { email: text, label: text, deleted_on: orNull(date) }, { unique: [["email"]] });
  await tables.table("vault", { email: text }, { indexes: [{ on: ["email", "_id"] }] });
  await tables.table(
    "vault_item",
    { vault: ownedBy("vault"), fingerprint: text, data: bytes },
    { unique: [["vault", "fingerprint"]] },
  );
  await tables.table(
    "auth_method",
    {
      auth_method_id: id,
      vault: ownedBy("vault"),
      created_on: date,
      created_by_ip: text,
      created_by_user_agent: text,
      mac_key: bytes,
      vault_key_access: bytes,
      password_algorithm: orNull(bytes),
      disabled_on: orNull(date),
    },
    { unique: [["auth_method_id"]], indexes: [{ on: ["vault"] }] },
  );
  await tables.table(
    "validation_code",
    {
      purpose: oneOf("create", "delete", "recover"),
      email: text,
      code: text,
      created_on: date,
      failed_attempts: integer,
    },
    { unique: [["purpose", "email"]], indexes: [{ on: ["email"] }, { on: ["created_on"] }] },
  );
}
