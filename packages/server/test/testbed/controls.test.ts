import { readFileSync } from "node:fs";
import { accountCreateSendValidationEmail, organizationInfo, serverConfig } from "@parsec/protocol";
import { DateTime, EmailAddress } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import { expectStatus } from "../../conformance/support/organization.ts";
import { expectHttpStatus } from "../../conformance/support/scenario.ts";
import { Arguments } from "../../src/cli/arguments.ts";
import { testbedOptions } from "../../src/cli/option.ts";
import { testbedServerOptions } from "../../src/cli/run.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";

const coolorg: unknown = JSON.parse(
  readFileSync(new URL("../../../../test/vectors/organizations/coolorg.json", import.meta.url), "utf8"),
);

let server: RunningServer;
let target: Target;
beforeAll(async () => {
  server = await startTestServer({ testbed: true });
  target = await Target.connect(server.url, server.administrationToken);
});
beforeEach(async () => {
  await control("POST", "/reset");
});
afterAll(() => server.close());

async function control(method: string, path: string, body?: unknown) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${server.url}/testbed${path}`, init);
  const json: unknown = response.status === 405 ? await response.text() : await response.json();
  return { status: response.status, json };
}

describe("organizations", () => {
  test("load under a given id, or the first free one", async () => {
    expect(await control("POST", "/organizations", { dump: coolorg })).toEqual({
      status: 200,
      json: { organization_id: "Testbed1" },
    });
    expect((await control("POST", "/organizations", { dump: coolorg, organization_id: "Mine" })).status).toBe(200);
    const again = await control("POST", "/organizations", { dump: coolorg, organization_id: "Mine" });
    expect(again).toMatchObject({ status: 400, json: { error: "organization_already_exists" } });
    const bad = await control("POST", "/organizations", { dump: coolorg, organization_id: "not an id" });
    expect(bad).toMatchObject({ status: 400, json: { error: "bad_organization_id" } });
  });

  test("a bad operation changes nothing, and says which one it is", async () => {
    const operations = [{ op: "user_freeze", user_id: "0".repeat(32), frozen: true }];
    const dump = { format: "parsec-organization-dump/1", operations };
    expect(await control("POST", "/organizations", { dump })).toMatchObject({
      status: 400,
      json: { error: "bad_operation", index: 0 },
    });
    const unknown = { format: "parsec-organization-dump/1", operations: [{ op: "nonsense" }] };
    expect(await control("POST", "/organizations", { dump: unknown })).toMatchObject({
      json: { error: "bad_operation" },
    });
    const format = { format: "something/2", operations: [] };
    expect(await control("POST", "/organizations", { dump: format })).toMatchObject({ json: { error: "bad_dump" } });
    expect(await control("POST", "/organizations", {})).toMatchObject({ json: { error: "bad_request" } });
    expect((await control("GET", "/organizations/Testbed1/dump")).status).toBe(404);
  });

  test("an unknown field of an operation is an error", async () => {
    await control("POST", "/organizations", { dump: coolorg, organization_id: "Cool" });
    const operation = { op: "user_freeze", user_id: "808c0010000000000000000000000000", frozen: true };
    const extend = (operations: readonly unknown[]) =>
      control("POST", "/organizations/Cool/operations", { operations });
    expect(await extend([operation])).toEqual({ status: 200, json: { applied: 1 } });
    expect(await extend([operation, { ...operation, extra: 1 }])).toMatchObject({ status: 400, json: { index: 1 } });
  });

  test("deletion", async () => {
    await control("POST", "/organizations", { dump: coolorg, organization_id: "Gone" });
    expect(await control("DELETE", "/organizations/Gone")).toEqual({ status: 200, json: {} });
    expect((await control("DELETE", "/organizations/Gone")).status).toBe(404);
  });
});

test("the clock stands still at a date, and the ballpark can be switched off", async () => {
  const org = await target.organization();
  const later = (DateTime.toWholeSeconds(org.now()) + 1000) * 1e6;
  expect(await control("PUT", "/clock", { now_us: later })).toEqual({ status: 200, json: { now_us: later } });
  await expectHttpStatus(org.send(org.alice, organizationInfo, {}), 498);
  await control("PUT", "/ballpark", { enabled: false });
  expectStatus(await org.send(org.alice, organizationInfo, {}), "ok");
  await control("PUT", "/clock", { now_us: null });
  await control("PUT", "/ballpark", { enabled: true });
  expectStatus(await org.send(org.alice, organizationInfo, {}), "ok");
});

test("a database fault is one HTTP 503, and control routes do not count", async () => {
  const org = await target.organization();
  expect(await control("POST", "/faults", { kind: "database", count: 1 })).toEqual({ status: 200, json: {} });
  expect((await control("GET", `/organizations/${org.id}/dump`)).status).toBe(200);
  await expectHttpStatus(org.send(org.alice, organizationInfo, {}), 503);
  expectStatus(await org.send(org.alice, organizationInfo, {}), "ok");
  for (const fault of [
    { kind: "nonsense" },
    { kind: "mail", outcome: "LOST" },
    { kind: "block_store", operation: "x" },
    { kind: "openbao" },
  ]) {
    expect(await control("POST", "/faults", { ...fault, count: 1 })).toMatchObject({
      json: { error: "unknown_fault" },
    });
  }
});

test("the mailbox", async () => {
  const email = EmailAddress.parse("zoe@example.com");
  expect(await control("GET", "/mailbox/zoe@example.com")).toEqual({ status: 200, json: [] });
  expectStatus(await target.send(accountCreateSendValidationEmail, { email }), "ok");
  expect(await control("GET", "/mailbox/zoe@example.com")).toMatchObject({
    json: [{ sender: "no-reply@parsec.com", recipient: email, reply_to: null }],
  });
  expect(await control("GET", "/mailbox/nonsense")).toMatchObject({ status: 400, json: { error: "bad_email" } });
});

test("settings, until the next reset", async () => {
  const before = await target.send(serverConfig, {});
  expect(before).toMatchObject({ openbao: { type: "ENABLED" }, cryptpad: { type: "DISABLED" } });
  const openbao = { server_url: "https://bao", secret_mount_path: "s", transit_mount_path: "t" };
  const settings = {
    account_config: "ENABLED_WITH_VAULT",
    organization_spontaneous_bootstrap: true,
    advisory_device_file_protection: ["PASSWORD+TOTP"],
    cryptpad_config: { server_url: "https://pad" },
    openbao_config: { ...openbao, auths: [{ id: "HEXAGONE", mount_path: "auth/h" }] },
  };
  expect(await control("PUT", "/config", settings)).toEqual({ status: 200, json: {} });
  const changed = await target.send(serverConfig, {});
  expect(changed).toMatchObject({
    account: "ENABLED_WITH_VAULT",
    organizationBootstrap: "SPONTANEOUS",
    advisoryDeviceFileProtection: ["PASSWORD+TOTP"],
    cryptpad: { type: "ENABLED", serverUrl: "https://pad" },
    openbao: {
      type: "ENABLED",
      serverUrl: "https://bao",
      secret: { type: "KV2", mountPath: "s" },
      transitMountPath: "t",
      auths: [{ id: "HEXAGONE", mountPath: "auth/h" }],
    },
  });
  expect((await control("PUT", "/config", { openbao_config: null, cryptpad_config: null })).status).toBe(200);
  const disabled = { openbao: { type: "DISABLED" }, cryptpad: { type: "DISABLED" }, account: "ENABLED_WITH_VAULT" };
  expect(await target.send(serverConfig, {})).toMatchObject(disabled);
  await control("POST", "/reset");
  expect(await target.send(serverConfig, {})).toEqual(before);
  for (const bad of [
    { nonsense: 1 },
    { sse_keepalive: "x" },
    { server_addr: "nowhere" },
    { server_addr: "parsec3://host/Organization?a=claim_user&p=x" },
    { advisory_device_file_protection: ["PAPER"] },
    { cryptpad_config: "https://pad" },
    { cryptpad_config: {} },
    { openbao_config: { ...openbao, auths: [{ id: "OTHER", mount_path: "x" }] } },
    { openbao_config: openbao },
  ]) {
    const name = JSON.stringify(bad);
    expect(await control("PUT", "/config", bad), name).toMatchObject({
      status: 400,
      json: { error: "unknown_setting" },
    });
  }
  expect(await target.send(serverConfig, {})).toEqual(before);
  expect((await control("PATCH", "/config")).status).toBe(405);
});

test.each([
  ["parsec3://parsec.example", "parsec3://parsec.example/Org?a=b"],
  ["parsec3://parsec.example:8443?no_ssl=true", "parsec3://parsec.example:8443/Org?a=b&no_ssl=true"],
  ["https://parsec.example", "parsec3://parsec.example/Org?a=b"],
  ["http://parsec.example:8080", "parsec3://parsec.example:8080/Org?a=b&no_ssl=true"],
])("the address %s, as a setting", async (server_addr, location) => {
  expect(await control("PUT", "/config", { server_addr })).toEqual({ status: 200, json: {} });
  const { headers } = await fetch(`${server.url}/redirect/Org?a=b`, { redirect: "manual" });
  expect(headers.get("location")).toBe(location);
  await control("POST", "/reset");
});

test("a testbed without its fake OpenBao", async () => {
  await using plain = await startTestServer({ testbed: true, config: { openbao: null } });
  const there = await Target.connect(plain.url, plain.administrationToken);
  expect(await there.send(serverConfig, {})).toMatchObject({ openbao: { type: "DISABLED" } });
  const { config } = testbedServerOptions(Arguments.parse(testbedOptions, ["--no-openbao"], {}));
  expect(config?.openbao).toBeNull();
});
