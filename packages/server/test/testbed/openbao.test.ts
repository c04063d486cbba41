import { toBase64, utf8 } from "@parsec/base";
import { serverConfig } from "@parsec/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer({ testbed: true });
});
afterAll(() => server.close());

async function call(method: string, path: string, options: { token?: string; body?: unknown } = {}) {
  const response = await fetch(`${server.url}/testbed/mock/openbao/v1${path}`, {
    method,
    headers: options.token === undefined ? {} : { "X-Vault-Token": options.token },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  return { status: response.status, json: (await response.json()) as Record<string, Record<string, unknown>> };
}

test("clients are told where it is", async () => {
  const target = await Target.connect(server.url, server.administrationToken);
  const config = await target.send(serverConfig, {});
  expect(config).toMatchObject({ openbao: { type: "ENABLED", serverUrl: `${server.url}/testbed/mock/openbao` } });
});

test("sign in, keep secrets, sign", async () => {
  const redirect_uri = "http://127.0.0.1:1/callback";
  const asked = await call("POST", "/auth/hexagone/oidc/auth_url", { body: { role: "default", redirect_uri } });
  const page = await fetch(String(asked.json["data"]?.["auth_url"]), { redirect: "manual" });
  expect(page.status).toBe(302);
  const { searchParams } = new URL(page.headers.get("location") ?? "");
  const query = `state=${searchParams.get("state")}&code=${searchParams.get("code")}`;
  const signedIn = await call("GET", `/auth/hexagone/oidc/callback?${query}`);
  const token = String(signedIn.json["auth"]?.["client_token"]);
  const entity = String(signedIn.json["auth"]?.["entity_id"]);
  expect((await call("GET", "/auth/token/lookup-self", { token })).json["data"]).toEqual({ entity_id: entity });
  expect((await call("GET", "/auth/token/lookup-self")).status).toBe(403);

  const path = `/secret/data/${entity}%2Fkey`;
  expect((await call("GET", path, { token })).status).toBe(404);
  expect((await call("POST", path, { token, body: { data: { k: 1 } } })).status).toBe(200);
  expect((await call("POST", path, { token, body: { data: {}, option: { cas: 0 } } })).status).toBe(409);
  const read = await call("GET", `/secret/data/${entity}/key`, { token });
  expect(read.json["data"]).toEqual({ data: { k: 1 }, metadata: { version: 1 } });
  expect((await call("GET", path, { token: "s.other" })).status).toBe(404);

  const input = toBase64(utf8("hello"));
  const signPath = `/transit/sign/entity-${entity}`;
  expect((await call("POST", signPath, { token, body: { input } })).json["errors"]).toEqual(["signing key not found"]);
  await call("POST", `/transit/keys/entity-${entity}`, { token });
  const signed = await call("POST", signPath, { token, body: { input } });
  const signature = String(signed.json["data"]?.["signature"]);
  expect(signature).toMatch(/^vault:v1:/);
  const verify = (body: object) => call("POST", `/transit/verify/entity-${entity}`, { token: "s.other", body });
  expect((await verify({ input, signature })).json["data"]).toEqual({ valid: true });
  expect((await verify({ input: toBase64(utf8("other")), signature })).json["data"]).toEqual({ valid: false });
  expect((await call("POST", signPath, { token: "s.other", body: { input } })).status).toBe(403);
  const alias = await call("GET", `/identity/entity/id/${entity}`, { token });
  expect(alias.json["data"]).toMatchObject({ aliases: [{ name: `${entity}@example.invalid` }] });
});

test("sealed, or with a token that has expired, as often as asked for; the sign-in page stays", async () => {
  const refuse = (outcome: string, count: number) =>
    fetch(`${server.url}/testbed/faults`, {
      method: "POST",
      body: JSON.stringify({ kind: "openbao", outcome, count }),
    });
  const lookup = () => call("GET", "/auth/token/lookup-self", { token: "s.any" });
  expect((await refuse("SEALED", 2)).status).toBe(200);
  const page = `${server.url}/testbed/mock/sso/authorize?redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2F`;
  expect((await fetch(page, { redirect: "manual" })).status).toBe(302);
  expect(await lookup()).toEqual({ status: 503, json: { errors: ["Vault is sealed"] } });
  const asked = await call("POST", "/auth/hexagone/oidc/auth_url", { body: { redirect_uri: "http://127.0.0.1:1/" } });
  expect(asked.status).toBe(503);
  expect((await lookup()).status).toBe(200);
  await refuse("TOKEN_EXPIRED", 1);
  expect(await lookup()).toEqual({ status: 403, json: { errors: ["permission denied"] } });
  expect((await lookup()).status).toBe(200);
});
