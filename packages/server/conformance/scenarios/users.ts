import assert from "node:assert/strict";
import {
  certificateGet,
  deviceCreate,
  listFrozenUsers,
  organizationBootstrap,
  organizationInfo,
  ping,
  userCreate,
  userRevoke,
  userUpdate,
} from "@parsec/protocol";
import { DateTime, UserId } from "@parsec/types";
import { deviceCertificates, freshActor, userCertificates } from "../support/actor.ts";
import { expectStatus } from "../support/organization.ts";
import { scenario } from "../support/scenario.ts";

/** A date that no clock is near to. */
export const longAgo = DateTime.parseRfc3339("2000-01-01T00:00:00Z");
const everything = { commonAfter: null, sequesterAfter: null, shamirRecoveryAfter: null, realmAfter: new Map() };

export const userScenarios = [
  scenario("organization_bootstrap", async (target) => {
    const org = await target.newOrganization();
    const wrong = [
      { user: { profile: "STANDARD" }, redactedUser: { profile: "STANDARD" } },
      { device: { userId: UserId.generate() } },
      { device: { timestamp: org.now() } },
      { redactedUser: { humanHandle: org.alice.handle } },
      { redactedDevice: { purpose: "REGISTRATION" } },
      { user: { author: org.alice.deviceId } },
    ] as const;
    for (const changes of wrong) {
      expectStatus(
        await org.sendAnonymously(organizationBootstrap, org.bootstrapFields(changes)),
        "invalid_certificate",
      );
    }
    const late = org.bootstrapFields({ timestamp: longAgo });
    expectStatus(await org.sendAnonymously(organizationBootstrap, late), "timestamp_out_of_ballpark");
    const badToken = { ...org.bootstrapFields(), bootstrapToken: null };
    expectStatus(await org.sendAnonymously(organizationBootstrap, badToken), "invalid_bootstrap_token");
    await org.bootstrap();
    const again = await org.sendAnonymously(organizationBootstrap, org.bootstrapFields());
    expectStatus(again, "organization_already_bootstrapped");
  }),

  scenario("user_create", async (target) => {
    const org = await target.organization({ active_users_limit: 3 });
    const { alice } = org;
    const bob = await org.addUser("STANDARD");
    const create = (
      actor = freshActor(),
      options: Partial<Parameters<typeof userCertificates>[2]> = {},
      author = alice,
    ) =>
      org.send(
        author,
        userCreate,
        userCertificates(actor, org.signer(author), { timestamp: org.now(), profile: "STANDARD", ...options }),
      );
    expectStatus(await create(freshActor(), {}, bob), "author_not_allowed");
    const badSignature = userCertificates(
      freshActor(),
      { key: bob.signingKey, author: alice.deviceId },
      { timestamp: org.now(), profile: "STANDARD" },
    );
    expectStatus(await org.send(alice, userCreate, badSignature), "invalid_certificate");
    expectStatus(await org.send(bob, userCreate, badSignature), "author_not_allowed");
    const wrong = [
      { user: { timestamp: org.now() } },
      { device: { userId: UserId.generate() } },
      { redactedUser: { humanHandle: bob.handle } },
      { redactedUser: { profile: "ADMIN" } },
      { redactedDevice: { timestamp: org.now() } },
    ] as const;
    for (const changes of wrong) {
      const fields = userCertificates(
        freshActor(),
        org.signer(alice),
        { timestamp: org.now(), profile: "STANDARD" },
        changes,
      );
      expectStatus(await org.send(alice, userCreate, fields), "invalid_certificate");
    }
    expectStatus(await create(freshActor(), { timestamp: longAgo }), "timestamp_out_of_ballpark");
    const before = org.now();
    await org.addDevice(bob);
    const older = await create(freshActor(), { timestamp: before });
    expectStatus(older, "require_greater_timestamp");
    assert(older.strictlyGreaterThan > before);
    expectStatus(await create(freshActor(bob.handle)), "human_handle_already_taken");
    expectStatus(await create(freshActor(undefined, bob.userId)), "user_already_exists");
    await org.addUser();
    expectStatus(await create(), "active_users_limit_reached");
  }),

  scenario("device_create", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const bob = await org.addUser();
    const create = async (actor = freshActor(bob.handle, bob.userId), timestamp = org.now(), changes = {}) => {
      const { device, redacted } = deviceCertificates(actor, org.signer(bob), timestamp, changes);
      return await org.send(bob, deviceCreate, { deviceCertificate: device, redactedDeviceCertificate: redacted });
    };
    expectStatus(await create(freshActor(alice.handle, alice.userId)), "invalid_certificate");
    expectStatus(
      await create(undefined, undefined, { redactedDevice: { purpose: "REGISTRATION" } }),
      "invalid_certificate",
    );
    expectStatus(await create(undefined, longAgo), "timestamp_out_of_ballpark");
    const before = org.now();
    expectStatus(await create(), "ok");
    expectStatus(await create(undefined, before), "require_greater_timestamp");
    expectStatus(await create({ ...bob, deviceId: alice.deviceId }), "device_already_exists");
  }),

  scenario("user_update", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const bob = await org.addUser();
    const carl = await org.addUser();
    const update = (
      author = alice,
      userId = bob.userId,
      profile: "ADMIN" | "STANDARD" | "OUTSIDER" = "OUTSIDER",
      timestamp = org.now(),
    ) => org.send(author, userUpdate, org.updateFields(author, userId, profile, timestamp));
    expectStatus(await update(bob), "author_not_allowed");
    expectStatus(await org.send(bob, userUpdate, { userUpdateCertificate: new Uint8Array() }), "author_not_allowed");
    expectStatus(await org.send(alice, userUpdate, { userUpdateCertificate: new Uint8Array() }), "invalid_certificate");
    expectStatus(await update(alice, alice.userId), "invalid_certificate");
    expectStatus(await update(alice, bob.userId, "OUTSIDER", longAgo), "timestamp_out_of_ballpark");
    expectStatus(await update(alice, UserId.generate()), "user_not_found");
    expectStatus(await update(alice, bob.userId, "STANDARD"), "user_no_changes");
    const before = org.now();
    expectStatus(await update(), "ok");
    expectStatus(await update(alice, bob.userId, "ADMIN", before), "require_greater_timestamp");
    await org.revoke(carl);
    expectStatus(await update(alice, carl.userId), "user_revoked");
  }),

  scenario("user_revoke", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const bob = await org.addUser();
    const carl = await org.addUser();
    const revoke = (author = alice, userId = bob.userId, timestamp = org.now()) =>
      org.send(author, userRevoke, org.revokeFields(author, userId, timestamp));
    expectStatus(await revoke(bob, alice.userId), "author_not_allowed");
    expectStatus(await org.send(bob, userRevoke, { revokedUserCertificate: new Uint8Array() }), "author_not_allowed");
    expectStatus(
      await org.send(alice, userRevoke, { revokedUserCertificate: new Uint8Array() }),
      "invalid_certificate",
    );
    expectStatus(await revoke(alice, alice.userId), "invalid_certificate");
    expectStatus(await revoke(alice, bob.userId, longAgo), "timestamp_out_of_ballpark");
    expectStatus(await revoke(alice, UserId.generate()), "user_not_found");

    const realm = await org.createRealm(alice);
    const former = await org.createRealm(alice);
    await org.share(alice, realm, bob, "READER");
    await org.share(alice, former, bob, "READER");
    await org.unshare(alice, former, bob);
    const beforeVlob = org.now();
    await org.createVlob(alice, realm);
    const older = await revoke(alice, bob.userId, beforeVlob);
    expectStatus(older, "require_greater_timestamp");
    assert(older.strictlyGreaterThan > beforeVlob, "the newest vlob of a current realm counts");
    const beforeFormer = org.now();
    await org.createVlob(alice, former);
    expectStatus(await revoke(alice, bob.userId, beforeFormer), "ok");
    const again = await revoke();
    expectStatus(again, "user_already_revoked");
    assert.equal(again.lastCommonCertificateTimestamp, beforeFormer);
    await org.revoke(carl);
  }),

  scenario("list_frozen_users", async (target) => {
    const org = await target.organization();
    const bob = await org.addUser();
    const carl = await org.addUser();
    expectStatus(await org.send(bob, listFrozenUsers, {}), "author_not_allowed");
    await target.administrate("POST", `/organizations/${org.id}/users/freeze`, { frozen: true, user_id: carl.userId });
    const reply = await org.send(org.alice, listFrozenUsers, {});
    expectStatus(reply, "ok");
    assert.deepEqual(reply.frozenUsers, [carl.userId]);
  }),

  scenario("organization_info and ping", async (target) => {
    const org = await target.organization();
    const realm = await org.createRealm(org.alice);
    await org.createVlob(org.alice, realm);
    const info = await org.send(org.alice, organizationInfo, {});
    expectStatus(info, "ok");
    assert.equal(info.totalMetadataBytes, "encrypted".length);
    const pong = await org.send(org.alice, ping, { ping: "hello" });
    expectStatus(pong, "ok");
    assert.equal(pong.pong, "hello");
  }),

  scenario("certificate_get: what each profile and membership sees", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const bob = await org.addUser();
    const outsider = await org.addUser("OUTSIDER");
    const realm = await org.createRealm(alice);
    await org.share(alice, realm, bob, "READER");
    await org.unshare(alice, realm, bob);
    await org.share(alice, realm, outsider, "READER");

    const asAlice = await org.send(alice, certificateGet, everything);
    expectStatus(asAlice, "ok");
    assert.equal(asAlice.commonCertificates.length, 6);
    assert.equal(asAlice.realmCertificates.get(realm)?.length, 5);
    const asBob = await org.send(bob, certificateGet, everything);
    expectStatus(asBob, "ok");
    assert.equal(asBob.realmCertificates.get(realm)?.length, 4, "nothing after the removal");
    const asOutsider = await org.send(outsider, certificateGet, everything);
    expectStatus(asOutsider, "ok");
    assert.notDeepEqual(asOutsider.commonCertificates, asAlice.commonCertificates, "redacted");
    const nothing = await org.send(alice, certificateGet, { ...everything, commonAfter: org.now() });
    expectStatus(nothing, "ok");
    assert.equal(nothing.commonCertificates.length, 0);
  }),
];
