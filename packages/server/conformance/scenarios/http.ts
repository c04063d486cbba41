import assert from "node:assert/strict";
import { SigningKey } from "@parsec/crypto";
import { createDeviceToken, organizationInfo, requestBodyLimit } from "@parsec/protocol";
import { DateTime, encode } from "@parsec/types";
import { freshActor } from "../support/actor.ts";
import { expectStatus } from "../support/organization.ts";
import { expectHttpStatus, scenario } from "../support/scenario.ts";
import type { Target } from "../support/target.ts";

const nobody = { kind: "nobody" } as const;
const body = encode(organizationInfo.request, { cmd: "organization_info" });

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function post(
  target: Target,
  path: string,
  headers: Readonly<Record<string, string>>,
  bytes = body,
): Promise<Answer> {
  const response = await target.client.post(path, nobody, bytes, {
    now: DateTime.fromMicros(Date.now() * 1000),
    headers,
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export const httpScenarios = [
  scenario("HTTP: the version is settled first", async (target) => {
    const org = await target.organization();
    const path = `/authenticated/${org.id}`;
    for (const version of ["4.0", "6.1", "5", "5.x", "five"]) {
      const { status, headers } = await post(target, path, { "Api-Version": version, "Content-Type": "text/plain" });
      assert.equal(status, 422, version);
      assert.match(headers.get("Supported-Api-Versions") ?? "", /^5\.\d+$/);
      assert.equal(headers.get("Api-Version"), null);
    }
    const newer = await post(target, path, { "Api-Version": "5.999" });
    assert.equal(newer.status, 401);
    assert.match(newer.headers.get("Api-Version") ?? "", /^5\.\d+$/);
    assert.deepEqual(JSON.parse(newer.text), { detail: "Missing authentication info" });
  }),

  scenario("HTTP: organization, content type, authorization, in that order", async (target) => {
    const org = await target.organization();
    for (const id of ["unknown", "..%2f..%2fetc", "%2e%2e", "a%00b", "%ff", "a".repeat(33), "a b", "é".repeat(17)]) {
      const { status, text } = await post(target, `/anonymous/${id}`, {});
      assert.equal(status, 404, id);
      assert(!text.includes("at "), "no stack trace");
    }
    const type = await post(target, `/authenticated/${org.id}`, {
      "Content-Type": "application/msgpack; charset=utf-8",
    });
    assert.equal(type.status, 415);
    const signed = createDeviceToken(org.alice.deviceId, org.alice.signingKey, org.now());
    const malformed = [
      "",
      "Bearer",
      `Basic ${signed}`,
      `Bearer ${signed} more`,
      `Bearer ${signed.slice(0, -2)}`,
      "Bearer a.b.c.d",
    ];
    for (const Authorization of malformed) {
      assert.equal((await post(target, `/authenticated/${org.id}`, { Authorization })).status, 401, Authorization);
    }
    assert.equal((await post(target, `/invited/${org.id}`, { Authorization: "Bearer xyz" })).status, 401);
  }),

  scenario("HTTP: authentication", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const bob = await org.addUser();
    await expectHttpStatus(org.send(freshActor(), organizationInfo, {}), 403);
    await expectHttpStatus(org.send({ ...bob, signingKey: SigningKey.generate() }, organizationInfo, {}), 403);
    const shifted = (seconds: number) => DateTime.fromMicros(Date.now() * 1000 + seconds * 1e6);
    await expectHttpStatus(org.send(bob, organizationInfo, {}, { now: shifted(-330) }), 498);
    await expectHttpStatus(org.send(bob, organizationInfo, {}, { now: shifted(310) }), 498);
    expectStatus(await org.send(bob, organizationInfo, {}, { now: shifted(-300) }), "ok");
    await org.revoke(bob);
    await expectHttpStatus(org.send(bob, organizationInfo, {}), 461);
    await target.updateOrganization(org, { is_expired: true });
    await expectHttpStatus(org.send(alice, organizationInfo, {}), 460);
    await expectHttpStatus(org.send(bob, organizationInfo, {}), 460);
  }),

  scenario("HTTP: bodies that cannot be read", async (target) => {
    const org = await target.organization();
    const garbage = [
      new Uint8Array(),
      new Uint8Array([0xc1]),
      new TextEncoder().encode("hello"),
      Uint8Array.from([0x81, 0xa3, 0x63, 0x6d, 0x64, 0xa3, 0x66, 0x6f, 0x6f]),
      new Uint8Array(1000).fill(0x91),
      Uint8Array.from([0xdd, 0xff, 0xff, 0xff, 0xff]),
    ];
    for (const bytes of garbage) {
      for (const path of [`/anonymous/${org.id}`, "/anonymous_server"]) {
        const { status, text } = await post(target, path, {}, bytes);
        assert.equal(status, 415);
        assert.deepEqual(JSON.parse(text), { detail: "Bad content type or invalid body or unknown command" });
      }
    }
  }),

  scenario("HTTP: bodies that are too large", async (target) => {
    const largest = await post(target, "/anonymous_server", {}, new Uint8Array(requestBodyLimit));
    assert.equal(largest.status, 415);
    const declared = await post(target, "/anonymous_server", {}, new Uint8Array(requestBodyLimit + 1));
    assert.equal(declared.status, 413);
    assert.equal(declared.headers.get("Api-Version"), null);
    const chunks = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let sent = 0; sent <= requestBodyLimit; sent += 65_536) controller.enqueue(new Uint8Array(65_536));
        controller.close();
      },
    });
    const headers = { "Api-Version": "5.6", "Content-Type": "application/msgpack" };
    const init = { method: "POST", headers, body: chunks, duplex: "half" } as const;
    const chunked = await fetch(`${target.url}/anonymous_server`, init);
    assert.equal(chunked.status, 413);
    await chunked.arrayBuffer();
  }),

  scenario("HTTP: the probe, unknown paths, wrong methods", async (target) => {
    const org = await target.newOrganization();
    const headers = { "Api-Version": "5.6", "Content-Type": "application/msgpack" };
    const probe = await fetch(`${target.url}/anonymous/${org.id}`, { headers });
    assert.equal(probe.status, 200);
    assert.equal((await probe.arrayBuffer()).byteLength, 0);
    const statusOf = async (path: string, init?: RequestInit) => {
      const response = await fetch(target.url + path, init);
      await response.arrayBuffer();
      return response.status;
    };
    assert.equal(await statusOf(`/anonymous/${org.id}`), 422);
    assert.equal(await statusOf("/anonymous/unknown", { headers }), 404);
    assert.equal(await statusOf("/nowhere"), 404);
    assert.equal(await statusOf(`/authenticated/${org.id}`), 405);
    assert.equal(await statusOf("/anonymous_server", { method: "DELETE" }), 405);
    assert.equal(await statusOf("/"), 200);
    const redirection = await fetch(`${target.url}/redirect/foo/bar?a=1&no_ssl=false&b=2`, { redirect: "manual" });
    assert.equal(redirection.status, 302);
    assert.match(redirection.headers.get("location") ?? "", /^parsec3:\/\/[^/]+\/foo\/bar\?a=1&b=2(&no_ssl=true)?$/);
  }),

  scenario("administration: refusals", async (target) => {
    const request = async (
      headers: Readonly<Record<string, string>>,
      init: RequestInit = {},
      path = "/organizations/foo",
    ) => {
      const response = await fetch(`${target.url}/administration${path}`, { ...init, headers });
      return { status: response.status, json: (await response.json()) as { readonly detail?: unknown } };
    };
    assert.deepEqual(await request({}), { status: 403, json: { detail: "Not authenticated" } });
    assert.deepEqual(await request({ Authorization: "Bearer x" }), {
      status: 403,
      json: { detail: "Bad authorization token" },
    });
    const admin = (method: string, path: string, json?: unknown) => target.administrate(method, path, json);
    assert.deepEqual(await admin("GET", "/organizations/foo"), {
      status: 404,
      json: { detail: "Organization not found" },
    });
    assert.deepEqual(await admin("GET", "/organizations/a%20b"), {
      status: 404,
      json: { detail: "Invalid organization ID" },
    });
    assert.equal((await admin("POST", "/organizations", {})).status, 422);
    assert.equal(
      (await admin("POST", "/organizations", { organization_id: "x", active_users_limit: "3" })).status,
      422,
    );
    assert.equal((await admin("POST", "/organizations", { organization_id: "x", tos: null })).status, 422);
    assert.equal((await admin("GET", "/stats?format=xml")).status, 422);
    assert.equal((await admin("GET", "/stats?at=yesterday")).status, 400);
    assert.equal((await admin("GET", "/stats")).status, 200);

    const org = await target.organization({ user_profile_outsider_allowed: false });
    const path = `/organizations/${org.id}`;
    assert.deepEqual(await admin("POST", "/organizations", { organization_id: org.id }), {
      status: 400,
      json: { detail: "Organization already exists" },
    });
    const settings = (await admin("GET", path)).json as Readonly<Record<string, unknown>>;
    assert.deepEqual([settings["is_bootstrapped"], settings["user_profile_outsider_allowed"]], [true, false]);
    assert.equal((await admin("PATCH", path, { is_expired: 1 })).status, 422);
    const freeze = (fields: object) => admin("POST", `${path}/users/freeze`, { frozen: true, ...fields });
    assert.equal((await freeze({})).status, 400);
    assert.equal((await freeze({ user_id: org.alice.userId, user_email: org.alice.handle.email })).status, 400);
    assert.equal((await freeze({ user_email: "nobody@example.com" })).status, 404);
    const frozen = await freeze({ user_email: org.alice.handle.email });
    assert.deepEqual(frozen.json, {
      user_id: org.alice.userId,
      user_email: org.alice.handle.email,
      user_name: org.alice.handle.label,
      frozen: true,
    });
    await expectHttpStatus(org.send(org.alice, organizationInfo, {}), 462);
    const stats = (await admin("GET", `${path}/stats`)).json as Readonly<Record<string, unknown>>;
    assert.deepEqual([stats["users"], stats["active_users"]], [1, 1]);
  }),
];
