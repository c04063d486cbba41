import assert from "node:assert/strict";
import { toBase64 } from "@parsec/base";
import { certificateGet, realmRotateKey, vlobCreate, vlobUpdate } from "@parsec/protocol";
import type { SequesterServiceId } from "@parsec/types";
import { expectStatus } from "../support/organization.ts";
import { scenario } from "../support/scenario.ts";
import { createService, revokeService, startWebhook } from "../support/sequester.ts";

export const sequesterScenarios = [
  scenario("sequester services: administration", async (target) => {
    const plain = await target.organization();
    const path = `/organizations/${plain.id}/sequester/services`;
    assert.deepEqual(await target.administrate("GET", path), { status: 400, json: { detail: "Sequester disabled" } });

    const org = await target.sequesteredOrganization();
    const created = await createService(target, org, { type: "storage" });
    assert.equal(created.status, 200);
    const again = { service_certificate: toBase64(created.certificate), config: { type: "storage" } };
    const older = await target.administrate("POST", `/organizations/${org.id}/sequester/services`, again);
    assert.equal(older.status, 400);
    const invalid = { ...again, service_certificate: "AAAA" };
    assert.deepEqual((await target.administrate("POST", `/organizations/${org.id}/sequester/services`, invalid)).json, {
      detail: "Invalid certificate",
    });
    const revocation = () => revokeService(target, org, created.serviceId);
    assert.equal((await revocation()).status, 200);
    assert.deepEqual((await revocation()).json, { detail: "Sequester service already revoked" });
    const listed = await target.administrate("GET", `/organizations/${org.id}/sequester/services`);
    assert.equal((listed.json as { services: { type: string }[] }).services[0]?.type, "storage");
    const seen = await org.send(org.alice, certificateGet, {
      commonAfter: null,
      sequesterAfter: null,
      shamirRecoveryAfter: null,
      realmAfter: new Map(),
    });
    expectStatus(seen, "ok");
    assert.equal(seen.sequesterCertificates.length, 3);
  }),

  scenario("sequester services and key rotations", async (target) => {
    const org = await target.sequesteredOrganization();
    const { alice } = org;
    const realm = await org.createRealm(alice);
    const { serviceId } = await createService(target, org, { type: "storage" });
    const rotate = (services: readonly SequesterServiceId[] | null) =>
      org.send(alice, realmRotateKey, org.rotationFields(alice, realm, 2, [alice], { services }));
    expectStatus(await rotate(null), "sequester_service_mismatch");
    expectStatus(await rotate([]), "sequester_service_mismatch");
    expectStatus(await rotate([serviceId]), "ok");
  }),

  scenario("sequester webhooks accept, refuse, or cannot be reached", async (target) => {
    const hook = await startWebhook();
    try {
      const org = await target.sequesteredOrganization();
      const { alice } = org;
      const realm = await org.createRealm(alice);
      const { serviceId } = await createService(target, org, { type: "webhook", webhook_url: hook.url });
      const create = () => org.send(alice, vlobCreate, org.vlobFields(realm));
      const rotate = () =>
        org.send(alice, realmRotateKey, org.rotationFields(alice, realm, 2, [alice], { services: [serviceId] }));
      hook.answer(400, JSON.stringify({ reason: "virus" }));
      const rejected = await create();
      expectStatus(rejected, "rejected_by_sequester_service");
      assert.deepEqual([rejected.serviceId, rejected.reason], [serviceId, "virus"]);
      expectStatus(await rotate(), "rejected_by_sequester_service");
      hook.answer(503);
      expectStatus(await create(), "sequester_service_unavailable");
      expectStatus(await rotate(), "sequester_service_unavailable");
      hook.answer(200);
      const fields = org.vlobFields(realm);
      expectStatus(await org.send(alice, vlobCreate, fields), "ok");
      const update = () => org.send(alice, vlobUpdate, { ...fields, timestamp: org.now(), version: 2 });
      hook.answer(302);
      expectStatus(await update(), "sequester_service_unavailable");
      hook.answer(400, "no JSON");
      const unexplained = await update();
      expectStatus(unexplained, "rejected_by_sequester_service");
      assert.equal(unexplained.reason, null);
      hook.answer(200);
      expectStatus(await update(), "ok");
      expectStatus(await rotate(), "ok");
      assert.deepEqual(
        [hook.asked.at(-1)?.searchParams.get("type"), hook.asked.at(-1)?.searchParams.get("key_index")],
        ["realm_rotate_key", "2"],
      );
    } finally {
      hook.close();
    }
  }),
];
