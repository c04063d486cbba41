import type { ClientBase } from "pg";

// A database as large as one may get, made by the database itself in a few statements.

/** A number of the row, spread over `count` values. */
const of = (count: number) => `1 + (row * 7919) % ${count}`;
const id = (kind: string, number = "row") => `cast(md5('${kind}' || (${number})) as uuid)`;
const bytes = "decode(repeat('ab', 40), 'hex')";

/** Fills every table: `rows` vlobs and as many blocks, and of the rest what goes with them; then the statistics. */
export async function fillDatabase(client: ClientBase, rows: number): Promise<void> {
  const part = (divisor: number) => Math.max(100, Math.ceil(rows / divisor));
  const [organizations, users, realms] = [part(1000), part(20), part(100)];
  const first = async (table: string) => {
    const { rows: found } = await client.query<{ readonly next: string }>(
      `select coalesce(max(_id), 0) + 1 as next from ${table}`,
    );
    return Number(found[0]?.next);
  };
  const [o, r] = [await first("organization"), await first("realm")];
  const [s, v] = [await first("shamir_setup"), await first("vault")];
  const organization = `${o} - 1 + ${of(organizations)}`;
  const realm = `${r} - 1 + ${of(realms)}`;
  const fill = async (table: string, count: number, columns: Readonly<Record<string, string>>) => {
    const text = `insert into ${table} (${Object.keys(columns).join(", ")})
      select ${Object.values(columns).join(", ")} from generate_series(cast(1 as bigint), ${count}) as row`;
    await client.query(text);
  };
  const certified = { certificate: bytes, certified_by: id("device"), certified_on: "row" };

  await fill("organization", organizations, {
    _id: `${o} - 1 + row`,
    organization_id: "'Organization' || row",
    created_on: "row",
    bootstrap_token: "case when row % 10 = 0 then md5(cast(row as text))::uuid end",
    bootstrapped_on: "row",
    root_verify_key: `case when row % 100 > 0 then ${bytes} end`,
    is_expired: "0",
    user_profile_outsider_allowed: "1",
    minimum_archiving_period: "0",
    allowed_client_agent: "'NATIVE_OR_WEB'",
  });
  await fill("user_", users, {
    organization,
    user_id: id("user"),
    email: "'user' || row || '@example.com'",
    label: `'"User"'`,
    initial_profile: "'STANDARD'",
    current_profile: "case when row % 20 = 0 then 'ADMIN' else 'STANDARD' end",
    certificate: bytes,
    redacted_certificate: bytes,
    created_on: "row",
    revoked_on: "case when row % 10 = 0 then row end",
    frozen: "case when row % 50 = 0 then 1 else 0 end",
  });
  await fill("profile_update", users, { organization, user_id: id("user"), profile: "'ADMIN'", ...certified });
  await fill("device", users * 2, {
    organization,
    device_id: id("device"),
    user_id: id("user", `1 + row % ${users}`),
    verify_key: bytes,
    certificate: bytes,
    redacted_certificate: bytes,
    created_on: "row",
  });
  await fill("realm", realms, {
    _id: `${r} - 1 + row`,
    organization,
    realm_id: id("realm"),
    key_index: "1",
    created_on: "row",
    status: "'AVAILABLE'",
    checkpoint: "100",
    vlob_bytes: "1",
    block_bytes: "1",
  });
  await fill("topic", realms, { organization, name: `'realm:' || md5('realm' || row)`, last_timestamp: "row" });
  const ofRealm = { realm, ...certified };
  await fill("realm_role", realms * 5, { organization, ...ofRealm, user_id: id("user"), role: "'READER'" });
  await fill("realm_name", realms * 2, ofRealm);
  await fill("realm_archiving", realms, { ...ofRealm, configuration: "'ARCHIVED'" });
  await fill("realm_rotation", realms * 2, { ...ofRealm, key_index: "row", keys_bundle: bytes });
  const access = { realm, key_index: "1", access: bytes };
  await fill("realm_access", realms * 5, { ...access, user_id: id("user"), given_on: "row", from_sharing: "1" });
  await fill("realm_service_access", realms * 2, { ...access, service_id: id("service") });
  await fill("vlob", rows, {
    realm,
    checkpoint: `row / ${realms}`,
    vlob_id: id("vlob", "row / 3"),
    version: "row % 3 + 1",
    key_index: "1",
    size: "40",
    author: id("device"),
    created_on: "row",
    blob: bytes,
  });
  const block = { realm, block_id: id("block"), author: id("device"), size: "9", key_index: "1", created_on: "row" };
  await fill("block", rows, block);
  const where = { organization_id: "'Organization1'", realm_id: id("realm") };
  await fill("block_data", realms, { ...where, block_id: id("block"), data: bytes });
  await fill("invitation", users, {
    organization,
    token: id("token"),
    type: "case when row % 2 = 0 then 'USER' else 'DEVICE' end",
    claimer_email: "case when row % 2 = 0 then 'user' || row || '@example.com' end",
    claimer: `case when row % 2 = 1 then ${id("user")} end`,
    created_by: id("device"),
    created_on: "row",
    ended_on: "case when row % 3 > 0 then row end",
    ended_reason: "case when row % 3 > 0 then 'FINISHED' end",
  });
  const attempt = { organization, attempt_id: id("attempt") };
  await fill("greeting_attempt", users, { ...attempt, token: id("token"), greeter: id("user") });
  await fill("greeting_step", users, { ...attempt, step: "0" });
  await fill("shamir_setup", users, {
    _id: `${s} - 1 + row`,
    organization,
    user_id: id("user"),
    created_on: "row",
    author: id("device"),
    brief_certificate: bytes,
    reveal_token: id("token"),
    threshold: "1",
    deleted_on: "case when row % 2 = 0 then row end",
  });
  const setup = `${s} - 1 + ${of(users)}`;
  await fill("shamir_share", users * 2, { setup, recipient: id("user"), weight: "1", certificate: bytes });
  await fill("sequester_service", part(200), {
    organization,
    service_id: id("service"),
    label: `'"Service"'`,
    certificate: bytes,
    created_on: "row",
  });
  await fill("enrollment", users, {
    organization,
    enrollment_id: id("enrollment"),
    email: "'user' || row || '@example.com'",
    submitted_on: "row",
    payload: bytes,
    signature: bytes,
    size: "80",
    status: "case row % 3 when 0 then 'SUBMITTED' when 1 then 'ACCEPTED' else 'CANCELLED' end",
  });
  await fill("totp_setup", users, { organization, user_id: id("user"), completed: "0" });
  await fill("totp_key", users, {
    organization,
    opaque_key_id: id("key"),
    user_id: id("user"),
    opaque_key: bytes,
    failed_attempts: "0",
  });
  await fill("cryptpad_session", realms, {
    realm,
    document_id: id("document"),
    author: id("device"),
    created_on: "row",
    key_index: "1",
    view_key: bytes,
  });
  await fill("account", users, { email: "'user' || row || '@example.com'", label: `'"User"'` });
  await fill("vault", users, { _id: `${v} - 1 + row`, email: "'user' || row || '@example.com'" });
  const vault = `${v} - 1 + ${of(users)}`;
  await fill("vault_item", users * 2, { vault, fingerprint: "md5(cast(row as text))", data: bytes });
  await fill("auth_method", users * 2, {
    auth_method_id: id("method"),
    vault,
    created_on: "row",
    created_by_ip: `'"::1"'`,
    created_by_user_agent: `'"test"'`,
    mac_key: bytes,
    vault_key_access: bytes,
    password_algorithm: bytes,
  });
  await fill("validation_code", users, {
    purpose: "'create'",
    email: "'user' || row || '@example.com'",
    code: "'ABCDEF'",
    created_on: "row",
    failed_attempts: "0",
  });
  await fill("large_event", part(1000), { event_id: id("event"), payload: bytes, created_on: "row" });
  await client.query("vacuum analyze");
}

/** Makes the planner believe that every table has a million rows, of whose values it knows nothing. */
export async function pretendLarge(client: ClientBase): Promise<void> {
  const tables = await client.query<{ readonly name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public'",
  );
  for (const { name } of tables.rows) {
    await client.query(`alter table ${name} set (autovacuum_enabled = false)`);
    await client.query(`delete from pg_statistic where starelid = '${name}'::regclass`);
    await client.query(
      `update pg_class set reltuples = 1000000, relpages = pg_relation_size(oid) / 8192 where oid = '${name}'::regclass`,
    );
  }
}
