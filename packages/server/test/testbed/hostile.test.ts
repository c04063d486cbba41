import { readFileSync } from "node:fs";
import {
  authMethodPasswordGetAlgorithm,
  blockCreate,
  blockRead,
  certificateGet,
  vlobReadBatch,
  vlobUpdate,
} from "@parsec/protocol";
import { BlockId, EmailAddress } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import { expectStatus, type TestOrganization } from "../../conformance/support/organization.ts";
import { expectHttpStatus } from "../../conformance/support/scenario.ts";
import { type HostileRule, type RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";

const everything = { commonAfter: null, sequesterAfter: null, shamirRecoveryAfter: null, realmAfter: new Map() };
const vectors = new URL("../../../../test/vectors/", import.meta.url);

let server: RunningServer;
let target: Target;
let org: TestOrganization;
beforeAll(async () => {
  server = await startTestServer({ testbed: true });
  target = await Target.connect(server.url, server.administrationToken);
});
beforeEach(async () => {
  server.hostile?.clear();
  org = await target.organization();
});
afterAll(() => server.close());

function add(rule: HostileRule): void {
  expect(server.hostile).toBeDefined();
  server.hostile?.add(rule);
}

async function certificates(of = org) {
  const reply = await of.send(of.alice, certificateGet, everything);
  expectStatus(reply, "ok");
  return reply;
}

test("blocks are swapped or damaged", async () => {
  const realmId = await org.createRealm(org.alice);
  const [first, second] = [BlockId.generate(), BlockId.generate()];
  for (const [blockId, byte] of [
    [first, 1],
    [second, 2],
  ] as const) {
    const fields = { realmId, blockId, keyIndex: 1, block: new Uint8Array([byte]) };
    expectStatus(await org.send(org.alice, blockCreate, fields), "ok");
  }
  const read = async (blockId: BlockId) => {
    const reply = await org.send(org.alice, blockRead, { realmId, blockId });
    expectStatus(reply, "ok");
    return reply.block[0];
  };
  add({ kind: "swap_blocks", match: { block_id: first }, count: 1 });
  expect([await read(second), await read(first), await read(first)]).toEqual([2, 2, 1]);
  add({ kind: "tamper_blocks", organization_id: org.id });
  expect(await read(first)).toBe(0);
});

test("old vlobs are replayed, with another date or author", async () => {
  const bob = await org.addUser();
  const realmId = await org.createRealm(org.alice);
  const vlobId = await org.createVlob(org.alice, realmId);
  expectStatus(await org.send(org.alice, vlobUpdate, { ...org.vlobFields(realmId, { vlobId }), version: 2 }), "ok");
  const read = async () => {
    const reply = await org.send(org.alice, vlobReadBatch, { realmId, vlobs: [vlobId], at: null });
    expectStatus(reply, "ok");
    const [item] = reply.items;
    return { author: item?.[2], version: item?.[3], timestamp: item?.[4], blob: item?.[5] };
  };
  const honest = await read();
  add({ kind: "replay_vlobs", count: 1 });
  expect((await read()).version).toBe(1);
  add({ kind: "forge_vlob_timestamps", count: 1 });
  expect((await read()).timestamp).toBe((honest.timestamp ?? 0) + 1);
  add({ kind: "forge_vlob_authors", count: 1 });
  expect((await read()).author).toBe(bob.deviceId);
  add({ kind: "tamper_vlobs", match: { vlob_id: vlobId }, count: 1 });
  expect((await read()).blob).not.toEqual(honest.blob);
  expect(await read()).toEqual(honest);
});

describe("certificates", () => {
  test("are dropped, duplicated, reordered, damaged", async () => {
    await org.addUser();
    const honest = (await certificates()).commonCertificates;
    add({ kind: "drop_certificates", match: { certificate: "device_certificate" }, count: 1 });
    expect((await certificates()).commonCertificates).toHaveLength(honest.length / 2);
    add({ kind: "duplicate_certificates", count: 1 });
    expect((await certificates()).commonCertificates).toHaveLength(honest.length * 2);
    add({ kind: "reorder_certificates", count: 1 });
    expect((await certificates()).commonCertificates).toEqual([...honest].reverse());
    add({ kind: "tamper_certificates", count: 1 });
    expect((await certificates()).commonCertificates[0]).not.toEqual(honest[0]);
    expect((await certificates()).commonCertificates).toEqual(honest);
  });

  test("come from another organization", async () => {
    const other = await target.organization();
    const theirs = (await certificates(other)).commonCertificates;
    add({ kind: "other_organization", from: other.id, organization_id: org.id });
    expect((await certificates()).commonCertificates).toEqual(theirs);
  });

  test("all 61 broken sequences can be served", async () => {
    interface Case {
      readonly base: string;
      readonly operations: readonly unknown[];
    }
    const { cases } = JSON.parse(readFileSync(new URL("invalid-certificates.json", vectors), "utf8")) as {
      cases: Case[];
    };
    expect(cases).toHaveLength(61);
    for (const { base, operations } of cases) {
      const dump: unknown = JSON.parse(readFileSync(new URL(`organizations/${base}`, vectors), "utf8"));
      const response = await fetch(`${server.url}/testbed/organizations`, {
        method: "POST",
        body: JSON.stringify({ dump }),
      });
      const { organization_id } = (await response.json()) as { readonly organization_id: string };
      const rule = { kind: "serve_operations", organization_id, operations };
      const added = await fetch(`${server.url}/testbed/hostile`, { method: "POST", body: JSON.stringify(rule) });
      expect(added.status).toBe(200);
    }
    const operations = cases[0]?.operations ?? [];
    const before = await certificates();
    add({ kind: "serve_operations", organization_id: org.id, operations });
    expect((await certificates()).commonCertificates).toHaveLength(
      before.commonCertificates.length + operations.length,
    );
  });
});

test("answers are late, wrong, or garbage", async () => {
  add({ kind: "http_status", status: 503, every: 2, organization_id: org.id });
  await certificates();
  await expectHttpStatus(certificates(), 503);
  await certificates();
  server.hostile?.clear();
  add({ kind: "garbage_reply", match: { command: "certificate_get" }, count: 1 });
  await expect(certificates()).rejects.toMatchObject({ code: "DECODE_FAILED" });
  add({ kind: "delay", delay_ms: 50, count: 1 });
  const start = performance.now();
  await certificates();
  expect(performance.now() - start).toBeGreaterThanOrEqual(45);
});

test("weak parameters for a password", async () => {
  add({ kind: "weak_kdf" });
  const reply = await target.send(authMethodPasswordGetAlgorithm, { email: EmailAddress.parse("a@example.com") });
  expectStatus(reply, "ok");
  expect(reply.passwordAlgorithm.memlimitKb).toBe(8);
});

test("an unknown rule is refused, and an honest server has no such route", async () => {
  const post = (url: string) => fetch(`${url}/testbed/hostile`, { method: "POST", body: '{"kind":"nonsense"}' });
  expect(await (await post(server.url)).json()).toMatchObject({ error: "unknown_rule" });
  await using honest = await startTestServer({ dev: true });
  expect(honest.hostile).toBeUndefined();
  expect((await post(honest.url)).status).toBe(404);
});
