import { ready } from "@parsec/crypto";
import { realmRotateKey, vlobCreate, vlobPollChanges, vlobUpdate } from "@parsec/protocol";
import type { SequesterServiceId, VlobId } from "@parsec/types";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import type { Actor } from "../../conformance/support/actor.ts";
import { expectStatus, type TestOrganization } from "../../conformance/support/organization.ts";
import { createService, startWebhook, type TestWebhook } from "../../conformance/support/sequester.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";
import { createStrictStore } from "../support/stores.ts";

let server: RunningServer;
let target: Target;
let org: TestOrganization;
let bob: Actor;
let realmId: VlobId;
let hook: TestWebhook;
let serviceId: SequesterServiceId;

beforeAll(async () => {
  await ready();
  server = await startTestServer({ dev: true, store: await createStrictStore() });
  target = await Target.connect(server.url, server.administrationToken);
});
afterAll(() => server.close());
beforeEach(async () => {
  hook = await startWebhook();
  org = await target.sequesteredOrganization();
  bob = await org.addUser();
  realmId = await org.createRealm(org.alice);
  await org.share(org.alice, realmId, bob, "OWNER");
  ({ serviceId } = await createService(target, org, { type: "webhook", webhook_url: hook.url }));
});
afterEach(() => hook.close());

async function versions(): Promise<readonly (readonly [VlobId, number])[]> {
  const reply = await org.send(org.alice, vlobPollChanges, { realmId, lastCheckpoint: 0 });
  expectStatus(reply, "ok");
  return reply.changes;
}

describe("what changes while a webhook runs counts", () => {
  test("a role taken away", async () => {
    const fields = org.vlobFields(realmId);
    expectStatus(await org.send(bob, vlobCreate, fields), "ok");
    hook.meanwhile(() => org.unshare(org.alice, realmId, bob));
    const update = { ...fields, timestamp: org.now(), version: 2 };
    expectStatus(await org.send(bob, vlobUpdate, update), "author_not_allowed");
    await org.share(org.alice, realmId, bob, "OWNER");
    expectStatus(await org.send(bob, vlobCreate, org.vlobFields(realmId)), "author_not_allowed");
    await org.share(org.alice, realmId, bob, "OWNER");
    const rotation = org.rotationFields(bob, realmId, 2, [org.alice, bob], { services: [serviceId] });
    expectStatus(await org.send(bob, realmRotateKey, rotation), "author_not_allowed");
    expect(await versions()).toEqual([[fields.vlobId, 1]]);
  });

  test("a user revoked", async () => {
    hook.meanwhile(() => org.revoke(bob));
    await expect(org.send(bob, vlobCreate, org.vlobFields(realmId))).rejects.toMatchObject({ status: 461 });
    expect(await versions()).toEqual([]);
  });

  test("somebody else's version", async () => {
    const fields = org.vlobFields(realmId);
    expectStatus(await org.send(bob, vlobCreate, fields), "ok");
    const update = () => ({ ...fields, timestamp: org.now(), version: 2 });
    hook.meanwhile(async () => {
      hook.meanwhile(async () => {});
      expectStatus(await org.send(org.alice, vlobUpdate, update()), "ok");
    });
    expectStatus(await org.send(bob, vlobUpdate, update()), "bad_vlob_version");
    expect(await versions()).toEqual([[fields.vlobId, 2]]);
  });

  test("a participant who left, and one who came", async () => {
    hook.meanwhile(() => org.unshare(org.alice, realmId, bob));
    const rotation = org.rotationFields(org.alice, realmId, 2, [org.alice, bob], { services: [serviceId] });
    expectStatus(await org.send(org.alice, realmRotateKey, rotation), "require_greater_timestamp");
  });

  test("a service created, or given another address: it is asked too", async () => {
    const [second, third] = [await startWebhook(), await startWebhook()];
    try {
      hook.meanwhile(async () => {
        await createService(target, org, { type: "webhook", webhook_url: second.url });
      });
      second.meanwhile(async () => {
        second.meanwhile(async () => {});
        hook.meanwhile(async () => {});
        const config = { type: "webhook", webhook_url: third.url };
        const path = `/organizations/${org.id}/sequester/services/config`;
        await target.administrate("PUT", path, { service_id: serviceId, config });
      });
      third.answer(400, '{"reason":"no"}');
      const reply = await org.send(org.alice, vlobCreate, org.vlobFields(realmId));
      expectStatus(reply, "rejected_by_sequester_service");
      expect(reply).toMatchObject({ serviceId, reason: "no" });
      expect([hook, second, third].map(({ asked }) => asked.length)).toEqual([1, 1, 1]);
      expect(await versions()).toEqual([]);
      third.answer(200);
      expectStatus(await org.send(org.alice, vlobCreate, org.vlobFields(realmId)), "ok");
      expect([hook, second, third].map(({ asked }) => asked.length)).toEqual([1, 2, 2]);
    } finally {
      second.close();
      third.close();
    }
  });
});

test("the services answer before the version is compared, and after all other checks", async () => {
  const fields = org.vlobFields(realmId);
  expectStatus(await org.send(bob, vlobCreate, fields), "ok");
  const update = (version: number, changes: object = {}) =>
    org.send(bob, vlobUpdate, { ...fields, timestamp: org.now(), version, ...changes });
  const before = hook.asked.length;
  expectStatus(await update(2, { keyIndex: 2 }), "bad_key_index");
  expectStatus(await update(2, { vlobId: org.vlobFields(realmId).vlobId }), "vlob_not_found");
  expectStatus(await update(7, { timestamp: fields.timestamp - 1e9 }), "timestamp_out_of_ballpark");
  expectStatus(await org.send(bob, vlobCreate, { ...fields, timestamp: org.now() }), "vlob_already_exists");
  expect(hook.asked).toHaveLength(before);

  hook.answer(400);
  for (const version of [0, 1, 3]) expectStatus(await update(version), "rejected_by_sequester_service");
  hook.answer(500);
  expectStatus(await update(3), "sequester_service_unavailable");
  hook.answer(200);
  for (const version of [0, 1, 3]) expectStatus(await update(version), "bad_vlob_version");
  expectStatus(await update(2), "ok");
});

test("a bad webhook address is refused when it is set, and changes nothing", async () => {
  const path = `/organizations/${org.id}/sequester/services`;
  for (const webhook_url of ["", "no address", "ftp://hook.example/", "https://user:secret@hook.example/", 5, null]) {
    const config = { type: "webhook", webhook_url };
    expect((await createService(target, org, config)).status, String(webhook_url)).toBe(422);
    const put = await target.administrate("PUT", `${path}/config`, { service_id: serviceId, config });
    expect(put.status, String(webhook_url)).toBe(422);
    expect(JSON.stringify(put.json)).not.toContain("secret");
  }
  const { json } = await target.administrate("GET", path);
  expect(json).toMatchObject({ services: [{ service_id: serviceId, webhook_url: hook.url }] });

  const bootstrapWebhook = "no address";
  const started = startTestServer({ dev: true, config: { bootstrapWebhook } });
  await expect(started).rejects.toMatchObject({ code: "BAD_OPTION" });
});
