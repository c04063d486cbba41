import assert from "node:assert/strict";
import {
  realmCreate,
  realmGetKeysBundle,
  realmRename,
  realmRotateKey,
  realmSelfPromoteToOwner,
  realmShare,
  realmUnshare,
  realmUpdateArchiving,
} from "@parsec/protocol";
import { DateTime, type RealmRole, type SequesterServiceId, UserId, VlobId } from "@parsec/types";
import type { Actor } from "../support/actor.ts";
import { expectStatus, type TestOrganization } from "../support/organization.ts";
import { scenario } from "../support/scenario.ts";
import type { Target } from "../support/target.ts";
import { longAgo } from "./users.ts";

const garbage = new Uint8Array([1, 2, 3]);

/** A realm that an operator has deleted; null where nothing but an operator can do it. */
export async function deletedRealm(target: Target, org: TestOrganization, owner: Actor): Promise<VlobId | null> {
  if (!target.hasControls) return null;
  const realm = await org.createRealm(owner);
  await target.controls.extend(org.id, [{ op: "realm_delete", timestamp: org.now(), realm_id: realm }]);
  return realm;
}

export const realmScenarios = [
  scenario("realm_create", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const outsider = await org.addUser("OUTSIDER");
    const create = (
      author: Actor,
      realm = VlobId.generate(),
      timestamp = org.now(),
      role: RealmRole = "OWNER",
      userId = author.userId,
    ) => org.send(author, realmCreate, { realmRoleCertificate: org.role(author, realm, userId, role, timestamp) });
    const realm = await org.createBareRealm(alice);
    expectStatus(await create(outsider), "author_not_allowed");
    expectStatus(await create(outsider, realm), "author_not_allowed");
    expectStatus(await org.send(alice, realmCreate, { realmRoleCertificate: garbage }), "invalid_certificate");
    expectStatus(await create(alice, undefined, undefined, "MANAGER"), "invalid_certificate");
    expectStatus(await create(alice, undefined, undefined, "OWNER", outsider.userId), "invalid_certificate");
    expectStatus(await create(alice, undefined, longAgo), "timestamp_out_of_ballpark");
    const before = org.now();
    await org.addUser();
    expectStatus(await create(alice, undefined, before), "require_greater_timestamp");
    expectStatus(await create(alice, realm), "realm_already_exists");

    const beforeOther = org.now();
    await org.createBareRealm(alice);
    expectStatus(await create(alice, undefined, beforeOther), "ok");
  }),

  scenario("realm_share", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const [bob, carl, outsider, revoked] = [
      await org.addUser(),
      await org.addUser(),
      await org.addUser("OUTSIDER"),
      await org.addUser(),
    ];
    await org.revoke(revoked);
    const realm = await org.createRealm(alice);
    const share = (
      author: Actor,
      userId: UserId,
      role: RealmRole | null,
      options: { realm?: VlobId; keyIndex?: number; timestamp?: DateTime } = {},
    ) => org.send(author, realmShare, org.shareFields(author, options.realm ?? realm, userId, role, options));
    expectStatus(
      await org.send(alice, realmShare, {
        ...org.shareFields(alice, realm, bob.userId, "READER"),
        realmRoleCertificate: garbage,
      }),
      "invalid_certificate",
    );
    expectStatus(await share(alice, alice.userId, "READER"), "invalid_certificate");
    expectStatus(await share(alice, bob.userId, null), "invalid_certificate");
    expectStatus(await share(alice, bob.userId, "READER", { timestamp: longAgo }), "timestamp_out_of_ballpark");
    expectStatus(await share(alice, bob.userId, "READER", { realm: VlobId.generate() }), "realm_not_found");
    const deleted = await deletedRealm(target, org, alice);
    if (deleted !== null) expectStatus(await share(alice, bob.userId, "READER", { realm: deleted }), "realm_deleted");
    expectStatus(await share(bob, carl.userId, "READER"), "author_not_allowed");
    expectStatus(await share(alice, UserId.generate(), "READER"), "recipient_not_found");
    expectStatus(await share(alice, revoked.userId, "READER"), "recipient_revoked");
    expectStatus(await share(alice, outsider.userId, "MANAGER"), "role_incompatible_with_outsider");
    const before = org.now();
    await org.share(alice, realm, bob, "MANAGER");
    const granted = await share(alice, bob.userId, "MANAGER");
    expectStatus(granted, "role_already_granted");
    assert(granted.lastRealmCertificateTimestamp > before);
    expectStatus(await share(alice, carl.userId, "READER", { keyIndex: 2 }), "bad_key_index");
    expectStatus(
      await share(alice, carl.userId, "READER", { realm: await org.createBareRealm(alice), keyIndex: 0 }),
      "bad_key_index",
    );
    expectStatus(await share(alice, carl.userId, "READER", { timestamp: before }), "require_greater_timestamp");
    const beforeVlob = org.now();
    await org.createVlob(alice, realm);
    expectStatus(await share(alice, carl.userId, "READER", { timestamp: beforeVlob }), "require_greater_timestamp");
    expectStatus(await share(bob, carl.userId, "CONTRIBUTOR"), "ok");
    // Precedence: who may not share hears nothing else.
    expectStatus(await share(bob, outsider.userId, "MANAGER"), "author_not_allowed");
    expectStatus(await share(bob, carl.userId, "OWNER", { keyIndex: 5 }), "author_not_allowed");
    expectStatus(await share(carl, bob.userId, "MANAGER"), "author_not_allowed");
    expectStatus(await share(carl, bob.userId, "READER", { timestamp: before }), "author_not_allowed");
  }),

  scenario("realm_unshare", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const [bob, carl, manager] = [await org.addUser(), await org.addUser(), await org.addUser()];
    const realm = await org.createRealm(alice);
    await org.share(alice, realm, bob, "READER");
    await org.share(alice, realm, manager, "MANAGER");
    const unshare = (
      author: Actor,
      userId: UserId,
      options: { realm?: VlobId; role?: RealmRole; timestamp?: DateTime } = {},
    ) =>
      org.send(author, realmUnshare, {
        realmRoleCertificate: org.role(author, options.realm ?? realm, userId, options.role ?? null, options.timestamp),
      });
    expectStatus(await org.send(alice, realmUnshare, { realmRoleCertificate: garbage }), "invalid_certificate");
    expectStatus(await unshare(alice, alice.userId), "invalid_certificate");
    expectStatus(await unshare(alice, bob.userId, { role: "READER" }), "invalid_certificate");
    expectStatus(await unshare(alice, bob.userId, { timestamp: longAgo }), "timestamp_out_of_ballpark");
    expectStatus(await unshare(alice, bob.userId, { realm: VlobId.generate() }), "realm_not_found");
    const deleted = await deletedRealm(target, org, alice);
    if (deleted !== null) expectStatus(await unshare(alice, bob.userId, { realm: deleted }), "realm_deleted");
    expectStatus(await unshare(carl, bob.userId), "author_not_allowed");
    expectStatus(await unshare(alice, UserId.generate()), "recipient_not_found");
    expectStatus(await unshare(alice, carl.userId), "recipient_already_unshared");
    expectStatus(await unshare(carl, UserId.generate()), "author_not_allowed");
    const before = org.now();
    await org.createVlob(alice, realm);
    expectStatus(await unshare(alice, bob.userId, { timestamp: before }), "require_greater_timestamp");
    expectStatus(await unshare(bob, manager.userId, { timestamp: before }), "author_not_allowed");
    expectStatus(await unshare(manager, bob.userId), "ok");
    expectStatus(await unshare(carl, bob.userId), "author_not_allowed");
    await org.revoke(manager);
    expectStatus(await unshare(alice, manager.userId), "ok");
  }),

  scenario("realm_rename", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const bob = await org.addUser();
    const realm = await org.createRealm(alice);
    await org.share(alice, realm, bob, "MANAGER");
    const rename = (
      author: Actor,
      options: { realm?: VlobId; keyIndex?: number; timestamp?: DateTime; initial?: boolean } = {},
    ) =>
      org.send(author, realmRename, {
        realmNameCertificate: org.name(author, options.realm ?? realm, options.keyIndex ?? 1, options.timestamp),
        initialNameOrFail: options.initial ?? false,
      });
    expectStatus(
      await org.send(alice, realmRename, { realmNameCertificate: garbage, initialNameOrFail: false }),
      "invalid_certificate",
    );
    expectStatus(await rename(alice, { timestamp: longAgo }), "timestamp_out_of_ballpark");
    expectStatus(await rename(alice, { realm: VlobId.generate() }), "realm_not_found");
    const deleted = await deletedRealm(target, org, alice);
    if (deleted !== null) expectStatus(await rename(alice, { realm: deleted }), "realm_deleted");
    expectStatus(await rename(alice, { keyIndex: 2 }), "bad_key_index");
    expectStatus(await rename(bob, { keyIndex: 2 }), "author_not_allowed");
    const before = org.now();
    expectStatus(await rename(alice, { initial: true }), "ok");
    expectStatus(await rename(alice, { initial: true }), "initial_name_already_exists");
    expectStatus(await rename(alice, { timestamp: before }), "require_greater_timestamp");
    expectStatus(await rename(bob, { timestamp: before }), "author_not_allowed");
    expectStatus(await rename(alice, { realm: await org.createBareRealm(alice), keyIndex: 0 }), "ok");
  }),

  scenario("realm_rotate_key and realm_get_keys_bundle", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const [bob, carl] = [await org.addUser(), await org.addUser()];
    const realm = await org.createRealm(alice);
    await org.share(alice, realm, bob, "MANAGER");
    const rotate = (
      author: Actor,
      keyIndex: number,
      participants: readonly Actor[],
      options: { realm?: VlobId; timestamp?: DateTime; services?: readonly SequesterServiceId[] } = {},
    ) =>
      org.send(
        author,
        realmRotateKey,
        org.rotationFields(author, options.realm ?? realm, keyIndex, participants, options),
      );
    expectStatus(
      await org.send(alice, realmRotateKey, {
        ...org.rotationFields(alice, realm, 2, [alice, bob]),
        realmKeyRotationCertificate: garbage,
      }),
      "invalid_certificate",
    );
    expectStatus(await rotate(alice, 2, [alice, bob], { timestamp: longAgo }), "timestamp_out_of_ballpark");
    expectStatus(await rotate(alice, 2, [alice], { realm: VlobId.generate() }), "realm_not_found");
    const deleted = await deletedRealm(target, org, alice);
    if (deleted !== null) expectStatus(await rotate(alice, 2, [alice], { realm: deleted }), "realm_deleted");
    expectStatus(await rotate(bob, 5, []), "author_not_allowed");
    expectStatus(await rotate(alice, 3, [alice, bob]), "bad_key_index");
    expectStatus(await rotate(alice, 2, [alice]), "participant_mismatch");
    expectStatus(await rotate(alice, 2, [alice, bob], { services: [] }), "organization_not_sequestered");
    const before = org.now();
    await org.addDevice(bob);
    expectStatus(await rotate(alice, 2, [alice, bob], { timestamp: before }), "require_greater_timestamp");
    expectStatus(await rotate(bob, 2, [alice, bob], { timestamp: before }), "author_not_allowed");
    await org.revoke(bob);
    expectStatus(await rotate(alice, 2, [alice, bob]), "ok");

    const get = (author: Actor, keyIndex: number, realmId = realm) =>
      org.send(author, realmGetKeysBundle, { realmId, keyIndex });
    expectStatus(await get(alice, 0), "bad_key_index");
    expectStatus(await get(alice, 3), "bad_key_index");
    expectStatus(await get(alice, 1, VlobId.generate()), "author_not_allowed");
    if (deleted !== null) expectStatus(await get(alice, 1, deleted), "realm_deleted");
    expectStatus(await get(carl, 1), "author_not_allowed");
    const fields = org.shareFields(alice, realm, carl.userId, "READER", { keyIndex: 2 });
    expectStatus(await org.send(alice, realmShare, fields), "ok");
    expectStatus(await get(carl, 1), "access_not_available_for_author");
    const given = await get(carl, 2);
    expectStatus(given, "ok");
    assert.deepEqual([...given.keysBundle], [2, 3]);
    assert.deepEqual([...given.keysBundleAccess], [9]);
  }),

  scenario("realm_self_promote_to_owner", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const [owner, manager, reader, outsider] = [
      await org.addUser("ADMIN"),
      await org.addUser(),
      await org.addUser(),
      await org.addUser("OUTSIDER"),
    ];
    const realm = await org.createRealm(owner);
    await org.share(owner, realm, manager, "MANAGER");
    await org.share(owner, realm, reader, "READER");
    const promote = (author: Actor, options: { realm?: VlobId; role?: RealmRole; timestamp?: DateTime } = {}) =>
      org.send(author, realmSelfPromoteToOwner, {
        realmRoleCertificate: org.role(
          author,
          options.realm ?? realm,
          author.userId,
          options.role ?? "OWNER",
          options.timestamp,
        ),
      });
    expectStatus(await promote(outsider), "author_is_outsider");
    expectStatus(
      await org.send(manager, realmSelfPromoteToOwner, { realmRoleCertificate: garbage }),
      "invalid_certificate",
    );
    expectStatus(await promote(manager, { role: "MANAGER" }), "invalid_certificate");
    expectStatus(await promote(manager, { timestamp: longAgo }), "timestamp_out_of_ballpark");
    expectStatus(await promote(manager, { realm: VlobId.generate() }), "realm_not_found");
    const deleted = await deletedRealm(target, org, alice);
    if (deleted !== null) expectStatus(await promote(alice, { realm: deleted }), "realm_deleted");
    expectStatus(await promote(alice), "author_not_allowed");
    expectStatus(await promote(manager), "active_owner_already_exists");
    const before = org.now();
    await org.revoke(owner);
    expectStatus(await promote(reader), "author_not_allowed");
    expectStatus(await promote(manager, { timestamp: before }), "require_greater_timestamp");
    expectStatus(await promote(manager), "ok");
  }),

  scenario("realm_update_archiving", async (target) => {
    const org = await target.organization({ realm_minimum_archiving_period_before_deletion: 100 });
    const { alice } = org;
    const bob = await org.addUser();
    const realm = await org.createRealm(alice);
    await org.share(alice, realm, bob, "MANAGER");
    const archive = (
      author: Actor,
      configuration: Parameters<typeof org.archiving>[2],
      options: { realm?: VlobId; timestamp?: DateTime } = {},
    ) =>
      org.send(author, realmUpdateArchiving, {
        archivingCertificate: org.archiving(author, options.realm ?? realm, configuration, options.timestamp),
      });
    const archived = { type: "ARCHIVED" } as const;
    expectStatus(await org.send(alice, realmUpdateArchiving, { archivingCertificate: garbage }), "invalid_certificate");
    expectStatus(await archive(alice, archived, { timestamp: longAgo }), "timestamp_out_of_ballpark");
    expectStatus(await archive(alice, archived, { realm: VlobId.generate() }), "realm_not_found");
    const deleted = await deletedRealm(target, org, alice);
    if (deleted !== null) expectStatus(await archive(alice, archived, { realm: deleted }), "realm_deleted");
    expectStatus(await archive(bob, archived), "author_not_allowed");
    const timestamp = org.now();
    const planned = (seconds: number, at: DateTime) =>
      ({ type: "DELETION_PLANNED", deletionDate: DateTime.fromMicros(at + seconds * 1e6) }) as const;
    expectStatus(await archive(alice, planned(99, timestamp), { timestamp }), "archiving_period_too_short");
    expectStatus(await archive(alice, planned(100, timestamp), { timestamp }), "ok");
    expectStatus(await archive(alice, archived, { timestamp }), "require_greater_timestamp");
    expectStatus(await archive(alice, { type: "AVAILABLE" }), "ok");
  }),
];
