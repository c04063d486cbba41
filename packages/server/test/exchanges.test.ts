import { readFileSync } from "node:fs";
import { fromBase64 } from "@parsec/base";
import { type Family, findCommand } from "@parsec/protocol";
import { decode } from "@parsec/types";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningServer, startServer } from "../src/index.ts";

const vectors = new URL("../../../test/vectors/", import.meta.url);

interface Exchange {
  readonly family: Family | "administration";
  readonly command: string;
  readonly outcome: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly response: { readonly status: number; readonly body: string };
}

function readVector(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, vectors), "utf8"));
}

const { exchanges } = readVector("exchanges.json") as { readonly exchanges: readonly Exchange[] };

/** An organization that waits for its bootstrap, as the official testbed makes it. */
const unbootstrapped = {
  format: "parsec-organization-dump/1",
  organization: { created_on: 0, bootstrap_token: "672bc6ba9c43455da28344e975dc72b7" },
  operations: [],
};

/**
 * What each exchange was recorded on. Those that are not here need what only the recorder held: organizations that its
 * own clients had made, mailed codes, invitations with random tokens, or a template changed before.
 */
const states: Readonly<Record<string, string>> = {
  "anonymous/async_enrollment_submit/ok": "coolorg",
  "anonymous/organization_bootstrap/invalid_bootstrap_token": "none",
  "anonymous/organization_bootstrap/ok": "none",
  "anonymous/organization_bootstrap/organization_already_bootstrapped": "coolorg",
  "anonymous/ping/ok": "coolorg",
  "anonymous_server/account_create_send_validation_email/ok": "none",
  "anonymous_server/account_recover_send_validation_email/ok": "none",
  "anonymous_server/auth_method_password_get_algorithm/ok": "none",
  "anonymous_server/ping/ok": "none",
  "authenticated/device_create/timestamp_out_of_ballpark": "coolorg",
  "authenticated/list_frozen_users/author_not_allowed": "coolorg",
  "authenticated/organization_info/ok": "coolorg",
  "authenticated/ping/http_403": "coolorg",
  "authenticated/ping/ok": "coolorg",
  "authenticated/realm_get_keys_bundle/author_not_allowed": "workspace_history",
  "authenticated/realm_rotate_key/author_not_allowed": "coolorg",
  "authenticated/realm_rotate_key/ok": "sequestered",
  "authenticated/realm_rotate_key/realm_not_found": "coolorg",
  "authenticated/realm_share/author_not_allowed": "coolorg",
  "authenticated/realm_share/role_incompatible_with_outsider": "coolorg",
  "authenticated/realm_share/timestamp_out_of_ballpark": "coolorg",
  "authenticated/realm_update_archiving/author_not_allowed": "coolorg",
  "authenticated/shamir_recovery_delete/timestamp_out_of_ballpark": "shamir",
  "authenticated/user_update/author_not_allowed": "coolorg",
  "authenticated/user_update/ok": "coolorg",
  "authenticated/user_update/user_no_changes": "coolorg",
  "authenticated/user_update/user_not_found": "coolorg",
  "authenticated/user_update/user_revoked": "coolorg_customized",
  "authenticated_account/account_info/http_403": "none",
  "invited/invite_info/http_403": "coolorg",
  "invited/ping/http_403": "coolorg",
  "invited/ping/ok": "coolorg",
};

/** The server's dates: they cannot be equal. */
const dated = new Set(["serverTimestamp", "submittedOn"]);

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

async function control(method: string, path: string, body?: unknown): Promise<void> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${server.url}/testbed${path}`, init);
  expect(response.status, await response.text()).toBe(200);
}

/** The state that the exchange was recorded on, at the second of its bearer token. */
async function prepare({ request }: Exchange, state: string): Promise<void> {
  await control("POST", "/reset");
  const recordedOn = Number(/\.(\d{10})\./.exec(request.headers["authorization"] ?? "")?.[1] ?? 1_795_255_010);
  await control("PUT", "/clock", { now_us: recordedOn * 1e6 });
  const organizationId = /TestbedOrg\d+/.exec(request.path)?.[0];
  if (organizationId === undefined) return;
  const dump = state === "none" ? unbootstrapped : readVector(`organizations/${state}.json`);
  await control("POST", "/organizations", { dump, organization_id: organizationId });
}

const name = ({ family, command, outcome }: Exchange) => `${family}/${command}/${outcome}`;
const replayed = exchanges.filter((exchange) => states[name(exchange)] !== undefined);

test("every exchange of the table is in the vectors", () => {
  expect(replayed.map(name).sort()).toEqual(Object.keys(states).sort());
});

test.each(replayed.map((exchange) => [name(exchange), exchange] as const))("%s", async (_name, exchange) => {
  const { family, command, request, response: recorded } = exchange;
  await prepare(exchange, states[name(exchange)] ?? "none");
  const response = await fetch(server.url + request.path, {
    method: request.method,
    headers: { ...request.headers },
    body: fromBase64(request.body) ?? null,
  });
  const body = new Uint8Array(await response.arrayBuffer());
  const recordedBody = fromBase64(recorded.body) ?? new Uint8Array();
  expect(response.status).toBe(recorded.status);
  const codec = family === "administration" ? undefined : findCommand(family, command)?.reply;
  if (recorded.status !== 200 || codec === undefined) {
    expect(JSON.parse(new TextDecoder().decode(body))).toEqual(JSON.parse(new TextDecoder().decode(recordedBody)));
    return;
  }
  const fieldsOf = (bytes: Uint8Array) =>
    Object.entries(decode(codec, bytes) ?? {}).filter(([field]) => !dated.has(field));
  expect(fieldsOf(body)).toEqual(fieldsOf(recordedBody));
  const isDated = Object.keys(decode(codec, body) ?? {}).some((field) => dated.has(field));
  if (!isDated) expect(Buffer.compare(body, recordedBody), "the same bytes").toBe(0);
});
