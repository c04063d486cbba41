import assert from "node:assert/strict";
import {
  blockCreate,
  blockRead,
  cryptpadRegisterSession,
  realmUpdateArchiving,
  vlobCreate,
  vlobPollChanges,
  vlobReadBatch,
  vlobReadVersions,
  vlobUpdate,
} from "@parsec/protocol";
import { BlockId, VlobId } from "@parsec/types";
import type { Actor } from "../support/actor.ts";
import { expectStatus, type TestOrganization } from "../support/organization.ts";
import { controlledScenario, scenario } from "../support/scenario.ts";
import { deletedRealm } from "./realms.ts";
import { longAgo } from "./users.ts";

async function archivedRealm(org: TestOrganization, owner: Actor): Promise<VlobId> {
  const realm = await org.createRealm(owner);
  const archivingCertificate = org.archiving(owner, realm, { type: "ARCHIVED" });
  expectStatus(await org.send(owner, realmUpdateArchiving, { archivingCertificate }), "ok");
  return realm;
}

const tooMany = 1001;

export const vlobScenarios = [
  scenario("vlob_create", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const bob = await org.addUser();
    const realm = await org.createRealm(alice);
    await org.share(alice, realm, bob, "READER");
    const create = (author: Actor, changes: Parameters<typeof org.vlobFields>[1] = {}) =>
      org.send(author, vlobCreate, org.vlobFields(realm, changes));
    expectStatus(await create(alice, { realmId: VlobId.generate() }), "realm_not_found");
    expectStatus(await create(bob, { realmId: VlobId.generate() }), "realm_not_found");
    expectStatus(await create(alice, { realmId: await archivedRealm(org, alice) }), "realm_archived");
    const deleted = await deletedRealm(target, org, alice);
    if (deleted !== null) expectStatus(await create(alice, { realmId: deleted }), "realm_deleted");
    const vlobId = await org.createVlob(alice, realm);
    const before = org.now();
    expectStatus(await create(bob, { keyIndex: 9 }), "author_not_allowed");
    expectStatus(await create(bob, { vlobId }), "author_not_allowed");
    expectStatus(await create(alice, { keyIndex: 2, timestamp: longAgo }), "bad_key_index");
    expectStatus(await create(alice, { timestamp: longAgo }), "timestamp_out_of_ballpark");
    await org.addUser();
    expectStatus(await create(alice, { timestamp: before }), "require_greater_timestamp");
    expectStatus(await create(bob, { timestamp: before }), "author_not_allowed");
    expectStatus(await create(alice, { vlobId }), "vlob_already_exists");
    expectStatus(
      await create(alice, { realmId: await org.createBareRealm(alice), keyIndex: 0, timestamp: org.now() }),
      "ok",
    );
  }),

  scenario("vlob_update", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const bob = await org.addUser();
    const realm = await org.createRealm(alice);
    await org.share(alice, realm, bob, "READER");
    const vlobId = await org.createVlob(alice, realm);
    const update = (author: Actor, version: number, changes: Parameters<typeof org.vlobFields>[1] = {}) =>
      org.send(author, vlobUpdate, { ...org.vlobFields(realm, { vlobId, ...changes }), version });
    expectStatus(await update(alice, 2, { realmId: VlobId.generate() }), "realm_not_found");
    expectStatus(await update(alice, 2, { realmId: await archivedRealm(org, alice) }), "realm_archived");
    const deleted = await deletedRealm(target, org, alice);
    if (deleted !== null) expectStatus(await update(alice, 2, { realmId: deleted }), "realm_deleted");
    const before = org.now();
    expectStatus(await update(bob, 9, { keyIndex: 9 }), "author_not_allowed");
    expectStatus(await update(alice, 2, { keyIndex: 9, timestamp: longAgo }), "bad_key_index");
    expectStatus(await update(alice, 2, { vlobId: VlobId.generate() }), "vlob_not_found");
    for (const version of [0, 1, 3]) expectStatus(await update(alice, version), "bad_vlob_version");
    expectStatus(await update(alice, 2, { timestamp: longAgo }), "timestamp_out_of_ballpark");
    await org.addUser();
    expectStatus(await update(alice, 2, { timestamp: before }), "require_greater_timestamp");
    expectStatus(await update(bob, 2, { timestamp: before }), "author_not_allowed");
    expectStatus(await update(alice, 2), "ok");
  }),

  scenario("vlob_update: of two at once, one wins", async (target) => {
    const org = await target.organization();
    const realm = await org.createRealm(org.alice);
    const vlobId = await org.createVlob(org.alice, realm);
    const update = () => org.send(org.alice, vlobUpdate, { ...org.vlobFields(realm, { vlobId }), version: 2 });
    const statuses = (await Promise.all([update(), update()])).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), ["bad_vlob_version", "ok"]);
  }),

  scenario("vlob_read_batch, vlob_read_versions, vlob_poll_changes", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const bob = await org.addUser();
    const realm = await org.createRealm(alice);
    const deleted = await deletedRealm(target, org, alice);
    const [first, second] = [await org.createVlob(alice, realm), await org.createVlob(alice, realm)];
    const between = org.now();
    const update = { ...org.vlobFields(realm, { vlobId: first }), version: 2 };
    expectStatus(await org.send(alice, vlobUpdate, update), "ok");

    const batch = (author: Actor, realmId: VlobId, vlobs: readonly VlobId[], at: typeof between | null = null) =>
      org.send(author, vlobReadBatch, { realmId, vlobs, at });
    expectStatus(await batch(alice, VlobId.generate(), Array<VlobId>(tooMany).fill(first)), "too_many_elements");
    expectStatus(await batch(alice, VlobId.generate(), []), "realm_not_found");
    if (deleted !== null) expectStatus(await batch(alice, deleted, []), "realm_deleted");
    expectStatus(await batch(bob, realm, []), "author_not_allowed");
    const latest = await batch(alice, realm, [first, VlobId.generate(), second]);
    expectStatus(latest, "ok");
    assert.deepEqual(
      latest.items.map(([id, , , version]) => [id, version]),
      [
        [first, 2],
        [second, 1],
      ],
    );
    const past = await batch(alice, realm, [first], between);
    expectStatus(past, "ok");
    assert.equal(past.items[0]?.[3], 1);

    const versions = (author: Actor, realmId: VlobId, items: readonly (readonly [VlobId, number])[]) =>
      org.send(author, vlobReadVersions, { realmId, items });
    expectStatus(
      await versions(alice, realm, Array<readonly [VlobId, number]>(tooMany).fill([first, 1])),
      "too_many_elements",
    );
    expectStatus(await versions(alice, VlobId.generate(), []), "realm_not_found");
    if (deleted !== null) expectStatus(await versions(alice, deleted, []), "realm_deleted");
    expectStatus(await versions(bob, realm, []), "author_not_allowed");
    const known = await versions(alice, realm, [
      [first, 1],
      [first, 0],
      [first, 3],
    ]);
    expectStatus(known, "ok");
    assert.equal(known.items.length, 1);

    const poll = (author: Actor, realmId: VlobId, lastCheckpoint: number) =>
      org.send(author, vlobPollChanges, { realmId, lastCheckpoint });
    expectStatus(await poll(alice, VlobId.generate(), 0), "realm_not_found");
    if (deleted !== null) expectStatus(await poll(alice, deleted, 0), "realm_deleted");
    expectStatus(await poll(bob, realm, 0), "author_not_allowed");
    const changes = await poll(alice, realm, 0);
    expectStatus(changes, "ok");
    assert.deepEqual(changes.changes, [
      [first, 2],
      [second, 1],
    ]);
    assert.equal(changes.currentCheckpoint, 3);
    const none = await poll(alice, realm, 3);
    expectStatus(none, "ok");
    assert.deepEqual([none.changes, none.currentCheckpoint], [[], 3]);
  }),

  controlledScenario("block_create and block_read", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const [bob, carl] = [await org.addUser(), await org.addUser()];
    const realm = await org.createRealm(alice);
    const deleted = await deletedRealm(target, org, alice);
    await org.share(alice, realm, bob, "READER");
    const create = (author: Actor, changes: { realmId?: VlobId; blockId?: BlockId; keyIndex?: number } = {}) =>
      org.send(author, blockCreate, {
        realmId: realm,
        blockId: BlockId.generate(),
        keyIndex: 1,
        block: new Uint8Array([7]),
        ...changes,
      });
    const blockId = BlockId.generate();
    expectStatus(await create(alice, { realmId: VlobId.generate() }), "realm_not_found");
    expectStatus(await create(alice, { realmId: await archivedRealm(org, alice) }), "realm_archived");
    if (deleted !== null) expectStatus(await create(alice, { realmId: deleted }), "realm_deleted");
    expectStatus(await create(alice, { keyIndex: 2 }), "bad_key_index");
    expectStatus(await create(bob), "author_not_allowed");
    await target.controls.fail({ kind: "block_store", count: 1, operation: "write" });
    expectStatus(await create(alice, { blockId }), "store_unavailable");
    expectStatus(await create(alice, { blockId }), "ok");
    expectStatus(await create(alice, { blockId }), "block_already_exists");

    const read = (author: Actor, id = blockId, realmId = realm) =>
      org.send(author, blockRead, { realmId, blockId: id });
    expectStatus(await read(alice, blockId, VlobId.generate()), "realm_not_found");
    if (deleted !== null) expectStatus(await read(alice, blockId, deleted), "realm_deleted");
    expectStatus(await read(alice, BlockId.generate()), "block_not_found");
    expectStatus(await read(carl), "author_not_allowed");
    await target.controls.fail({ kind: "block_store", count: 1, operation: "read" });
    expectStatus(await read(bob), "store_unavailable");
    const block = await read(bob);
    expectStatus(block, "ok");
    assert.deepEqual([...block.block], [7]);
  }),

  scenario("cryptpad_register_session", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const [bob, carl] = [await org.addUser(), await org.addUser()];
    const realm = await org.createRealm(alice);
    await org.share(alice, realm, bob, "READER");
    const [view, edit] = [new Uint8Array([1]), new Uint8Array([2])];
    const documentId = VlobId.generate();
    const register = (
      author: Actor,
      editKey: Uint8Array | null,
      changes: { realmId?: VlobId; keyIndex?: number; timestamp?: typeof longAgo } = {},
    ) =>
      org.send(author, cryptpadRegisterSession, {
        realmId: realm,
        documentId,
        keyIndex: 1,
        timestamp: org.now(),
        encryptedCandidateViewKey: view,
        encryptedCandidateEditKey: editKey,
        ...changes,
      });
    const first = await register(bob, null);
    if (first.status === "cryptpad_unavailable") return;
    expectStatus(first, "ok");
    expectStatus(await register(alice, edit, { realmId: VlobId.generate() }), "realm_not_found");
    const deleted = await deletedRealm(target, org, alice);
    if (deleted !== null) expectStatus(await register(alice, edit, { realmId: deleted }), "realm_deleted");
    expectStatus(await register(carl, null), "author_not_allowed");
    expectStatus(await register(bob, edit), "author_not_allowed");
    expectStatus(await register(alice, null), "author_not_allowed");
    expectStatus(await register(alice, edit, { keyIndex: 2 }), "bad_key_index");
    expectStatus(await register(alice, edit, { timestamp: longAgo }), "timestamp_out_of_ballpark");
    const writer = await register(alice, edit);
    expectStatus(writer, "ok");
    assert.equal(writer.author, alice.deviceId, "the edit key that was missing replaces the session");
    const reader = await register(bob, null);
    expectStatus(reader, "ok");
    assert.deepEqual([reader.author, reader.encryptedEditKey], [alice.deviceId, null]);
  }),
];
