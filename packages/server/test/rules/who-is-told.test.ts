import { PrivateKey, ready } from "@parsec/crypto";
import {
  certificateGet,
  inviteCancel,
  inviteClaimerCancelGreetingAttempt,
  inviteClaimerStartGreetingAttempt,
  inviteClaimerStep,
  inviteComplete,
  inviteGreeterStartGreetingAttempt,
  inviteGreeterStep,
  inviteList,
  inviteNewDevice,
  inviteNewShamirRecovery,
  ping,
  realmRename,
  realmRotateKey,
  realmUpdateArchiving,
  shamirRecoverySetup,
  vlobCreate,
  vlobReadBatch,
} from "@parsec/protocol";
import { type AccessToken, DateTime, loadTrustedCertificate, type VlobId } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import { submit } from "../../conformance/scenarios/enrollments.ts";
import { inviteUser } from "../../conformance/scenarios/invitations.ts";
import { setupFields } from "../../conformance/scenarios/shamir.ts";
import type { Actor } from "../../conformance/support/actor.ts";
import { EventListener } from "../../conformance/support/event-listener.ts";
import { expectStatus, type TestOrganization } from "../../conformance/support/organization.ts";
import { createService } from "../../conformance/support/sequester.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";
import { createStrictStore } from "../support/stores.ts";

let server: RunningServer;
let target: Target;
let org: TestOrganization;
beforeAll(async () => {
  await ready();
  server = await startTestServer({ dev: true, store: await createStrictStore() });
  target = await Target.connect(server.url, server.administrationToken);
});
afterAll(() => server.close());
beforeEach(async () => {
  org = await target.organization();
});

/** What each of these people hears while that happens. */
async function heard(actors: readonly Actor[], happen: () => Promise<unknown>): Promise<readonly string[][]> {
  const listeners = await Promise.all(actors.map((actor) => EventListener.open(org, actor)));
  await happen();
  expectStatus(await org.send(org.alice, ping, { ping: "end" }), "ok");
  const all: string[][] = [];
  for (const listener of listeners) {
    const events: string[] = [];
    for (;;) {
      const { event } = await listener.next();
      if (event.event === "PINGED" && event.ping === "end") break;
      events.push(event.event === "INVITATION" ? `INVITATION ${event.invitationStatus}` : event.event);
    }
    listener.close();
    all.push(events.slice(1));
  }
  return all;
}

describe("events", () => {
  test("of invitations: those who may greet", async () => {
    const { alice } = org;
    const [admin, bob, carl] = [await org.addUser("ADMIN"), await org.addUser(), await org.addUser()];
    const phone = await org.addDevice(bob);
    const everybody = [alice, admin, bob, phone, carl];
    let [user, device]: AccessToken[] = [];
    const [pending, cancelled, finished] = ["PENDING", "CANCELLED", "FINISHED"].map((each) => `INVITATION ${each}`);
    expect(
      await heard(everybody, async () => {
        user = await inviteUser(org, admin);
      }),
    ).toEqual([[pending], [pending], [], [], []]);
    expect(
      await heard(everybody, async () => {
        const reply = await org.send(bob, inviteNewDevice, { sendEmail: false });
        expectStatus(reply, "ok");
        device = reply.token;
      }),
    ).toEqual([[], [], [pending], [pending], []]);
    if (user === undefined || device === undefined) throw new Error("both were made");
    const [token, ofBob] = [user, device];
    expectStatus(await org.send(carl, inviteCancel, { token }), "author_not_allowed");
    expectStatus(await org.send(carl, inviteComplete, { token: ofBob }), "author_not_allowed");
    expectStatus(await org.send(alice, inviteComplete, { token: ofBob }), "author_not_allowed");
    expect(await heard(everybody, () => org.send(alice, inviteCancel, { token }))).toEqual([
      [cancelled],
      [cancelled],
      [],
      [],
      [],
    ]);
    expect(await heard(everybody, () => org.send(phone, inviteComplete, { token: ofBob }))).toEqual([
      [],
      [],
      [finished],
      [finished],
      [],
    ]);
    expectStatus(await org.send(carl, shamirRecoverySetup, setupFields(org, carl, [bob.userId])), "ok");
    const fields = { claimerUserId: carl.userId, sendEmail: false };
    expect(await heard(everybody, () => org.send(bob, inviteNewShamirRecovery, fields))).toEqual([
      [],
      [],
      [pending],
      [pending],
      [],
    ]);
  });

  test("of a greeting: its greeter", async () => {
    const { alice } = org;
    const admin = await org.addUser("ADMIN");
    const token = await inviteUser(org);
    const { publicKey } = PrivateKey.generate();
    const [claimerStep, greeterStep] = Array(2).fill({ step: "NUMBER_0_WAIT_PEER", publicKey } as const);
    const start = await org.sendInvited(token, inviteClaimerStartGreetingAttempt, { greeter: admin.userId });
    expectStatus(start, "ok");
    const { greetingAttempt } = start;
    const claim = () => org.sendInvited(token, inviteClaimerStep, { greetingAttempt, claimerStep });
    expect(
      await heard([alice, admin], async () => {
        expectStatus(await claim(), "not_ready");
        expectStatus(await org.send(admin, inviteGreeterStartGreetingAttempt, { token }), "ok");
        expectStatus(await claim(), "not_ready");
        expectStatus(await org.send(admin, inviteGreeterStep, { greetingAttempt, greeterStep }), "ok");
        expectStatus(await claim(), "ok");
        const next = { step: "NUMBER_1_GET_HASHED_NONCE" } as const;
        expectStatus(await org.send(admin, inviteGreeterStep, { greetingAttempt, greeterStep: next }), "not_ready");
        const reason = "MANUALLY_CANCELLED";
        expectStatus(
          await org.sendInvited(token, inviteClaimerCancelGreetingAttempt, { greetingAttempt, reason }),
          "ok",
        );
      }),
    ).toEqual([
      [],
      ["GREETING_ATTEMPT_READY", "GREETING_ATTEMPT_READY", "GREETING_ATTEMPT_JOINED", "GREETING_ATTEMPT_CANCELLED"],
    ]);
  });

  test("of a realm: its members of that moment, and whoever comes or goes", async () => {
    const { alice } = org;
    const [bob, carl] = [await org.addUser(), await org.addUser()];
    const realmId = await org.createRealm(alice);
    await org.share(alice, realmId, bob, "READER");
    const certificate = "REALM_CERTIFICATE";
    const rename = { realmNameCertificate: org.name(alice, realmId, 1), initialNameOrFail: true };
    expect(await heard([alice, bob, carl], () => org.send(alice, realmRename, rename))).toEqual([
      [certificate],
      [certificate],
      [],
    ]);
    const rotation = org.rotationFields(alice, realmId, 2, [alice, bob]);
    expect(await heard([bob, carl], () => org.send(alice, realmRotateKey, rotation))).toEqual([[certificate], []]);
    const archivingCertificate = org.archiving(alice, realmId, { type: "AVAILABLE" });
    expect(await heard([bob, carl], () => org.send(alice, realmUpdateArchiving, { archivingCertificate }))).toEqual([
      [certificate],
      [],
    ]);
    expect(
      await heard([alice, bob, carl], async () => {
        await org.unshare(alice, realmId, bob);
        expectStatus(await org.send(alice, vlobCreate, org.vlobFields(realmId, { keyIndex: 2 })), "ok");
      }),
    ).toEqual([[certificate], [certificate], []]);
    const other = await target.organization();
    expect(await heard([alice], () => other.createRealm(other.alice))).toEqual([[]]);
  });

  test("of another organization: nobody here, nor does anything there end a stream here", async () => {
    const [bob, other] = [await org.addUser(), await target.organization()];
    const carl = await other.addUser();
    const path = `/organizations/${other.id}/users/freeze`;
    expect(
      await heard([org.alice, bob], async () => {
        expectStatus(await other.send(other.alice, ping, { ping: "there" }), "ok");
        await submit(other);
        await target.administrate("POST", path, { frozen: true, user_id: carl.userId });
        await target.updateOrganization(other, { tos: { en: "https://example.com" }, is_expired: true });
      }),
    ).toEqual([[], []]);
  });

  test("of a user who is frozen or revoked: the streams of others go on", async () => {
    const [bob, carl] = [await org.addUser(), await org.addUser()];
    const path = `/organizations/${org.id}/users/freeze`;
    expect(
      await heard([org.alice, bob], async () => {
        await target.administrate("POST", path, { frozen: true, user_id: carl.userId });
        await org.revoke(carl);
      }),
    ).toEqual([["COMMON_CERTIFICATE"], ["COMMON_CERTIFICATE"]]);
  });

  test("of enrollments: administrators; of sequester services: everybody", async () => {
    org = await target.sequesteredOrganization();
    const bob = await org.addUser();
    expect(await heard([org.alice, bob], () => submit(org))).toEqual([["ASYNC_ENROLLMENT"], []]);
    expect(await heard([org.alice, bob], () => createService(target, org, { type: "storage" }))).toEqual([
      ["SEQUESTER_CERTIFICATE"],
      ["SEQUESTER_CERTIFICATE"],
    ]);
  });

  test("of a vlob: what it is, and which certificates a reader needs", async () => {
    const bob = await org.addUser();
    const realmId = await org.createRealm(org.alice);
    const shared = org.now();
    await org.send(org.alice, realmRename, {
      realmNameCertificate: org.name(org.alice, realmId, 1, shared),
      initialNameOrFail: true,
    });
    await org.share(org.alice, realmId, bob, "READER");
    const listener = await EventListener.open(org, bob);
    await listener.next();
    const fields = org.vlobFields(realmId);
    expectStatus(await org.send(org.alice, vlobCreate, fields), "ok");
    const { event } = await listener.next();
    const read = await org.send(bob, vlobReadBatch, { realmId, vlobs: [fields.vlobId], at: null });
    expectStatus(read, "ok");
    expect(event).toMatchObject({
      event: "VLOB",
      realmId,
      vlobId: fields.vlobId,
      author: org.alice.deviceId,
      timestamp: fields.timestamp,
      version: 1,
      blob: fields.blob,
      lastCommonCertificateTimestamp: read.neededCommonCertificateTimestamp,
      lastRealmCertificateTimestamp: read.neededRealmCertificateTimestamp,
    });
    expect(read.neededRealmCertificateTimestamp).toBeGreaterThan(shared);
    listener.close();
  });
});

test("invite_list: users' invitations for administrators, the others for those whom they concern", async () => {
  const { alice } = org;
  const [admin, bob, carl] = [await org.addUser("ADMIN"), await org.addUser(), await org.addUser()];
  const user = await inviteUser(org, admin);
  const device = await org.send(bob, inviteNewDevice, { sendEmail: false });
  expectStatus(device, "ok");
  expectStatus(await org.send(carl, shamirRecoverySetup, setupFields(org, carl, [bob.userId])), "ok");
  const shamir = await org.send(bob, inviteNewShamirRecovery, { claimerUserId: carl.userId, sendEmail: false });
  expectStatus(shamir, "ok");
  const listed = async (actor: Actor) => {
    const reply = await org.send(actor, inviteList, {});
    expectStatus(reply, "ok");
    return reply.invitations.map(({ token, status, createdBy }) => [
      token,
      status,
      createdBy.type === "USER" ? createdBy.userId : createdBy.type,
    ]);
  };
  expect(await listed(alice)).toEqual([[user, "PENDING", admin.userId]]);
  expect(await listed(bob)).toEqual([
    [device.token, "PENDING", bob.userId],
    [shamir.token, "PENDING", bob.userId],
  ]);
  expect(await listed(carl)).toEqual([]);
  expectStatus(await org.send(alice, inviteCancel, { token: user }), "ok");
  expectStatus(await org.send(carl, inviteComplete, { token: shamir.token }), "ok");
  expect(await listed(admin)).toEqual([[user, "CANCELLED", admin.userId]]);
  expect((await listed(bob)).map(([, status]) => status)).toEqual(["PENDING", "FINISHED"]);
});

describe("certificate_get", () => {
  const get = async (
    actor: Actor,
    after: {
      readonly common?: DateTime;
      readonly realm?: readonly [VlobId, DateTime];
      readonly sequester?: DateTime;
    } = {},
  ) => {
    const reply = await org.send(actor, certificateGet, {
      commonAfter: after.common ?? null,
      sequesterAfter: after.sequester ?? null,
      shamirRecoveryAfter: null,
      realmAfter: new Map(after.realm === undefined ? [] : [after.realm]),
    });
    expectStatus(reply, "ok");
    return reply;
  };
  const types = (certificates: readonly Uint8Array[] | undefined) =>
    certificates?.map((each) => loadTrustedCertificate(each).value.type);
  const dates = (certificates: readonly Uint8Array[]) =>
    certificates.map((each) => loadTrustedCertificate(each).value.timestamp);

  test("gives the common ones by date, a user before its device, strictly after a date", async () => {
    const bob = await org.addUser();
    await org.setProfile(bob, "OUTSIDER");
    await org.revoke(bob);
    const { commonCertificates } = await get(org.alice);
    const pair = ["user_certificate", "device_certificate"];
    expect(types(commonCertificates)).toEqual([
      ...pair,
      ...pair,
      "user_update_certificate",
      "revoked_user_certificate",
    ]);
    const all = dates(commonCertificates);
    expect(all).toEqual([...all].sort((a, b) => a - b));
    const last = DateTime.fromMicros(all.at(-2) ?? 0);
    expect(types((await get(org.alice, { common: last })).commonCertificates)).toEqual(["revoked_user_certificate"]);
    const before = DateTime.fromMicros(last - 1);
    expect((await get(org.alice, { common: before })).commonCertificates).toHaveLength(2);
  });

  test("shows outsiders redacted certificates, by their profile of now", async () => {
    const bob = await org.addUser("OUTSIDER");
    const namesShown = async () =>
      (await get(bob)).commonCertificates.flatMap((each): readonly boolean[] => {
        const { value } = loadTrustedCertificate(each);
        if (value.type === "user_certificate") return [value.humanHandle !== null];
        return value.type === "device_certificate" ? [value.deviceLabel !== null] : [];
      });
    expect(await namesShown()).toEqual(Array(4).fill(false));
    await org.setProfile(bob, "STANDARD");
    expect(await namesShown()).toEqual(Array(4).fill(true));
  });

  test("gives of a realm all to members, what was until then to those who left, and nothing to others", async () => {
    const { alice } = org;
    const [bob, carl] = [await org.addUser(), await org.addUser()];
    const realmId = await org.createRealm(alice);
    const of = async (actor: Actor, after?: DateTime) =>
      (await get(actor, after === undefined ? {} : { realm: [realmId, after] })).realmCertificates.get(realmId);
    await org.share(alice, realmId, bob, "READER");
    await org.unshare(alice, realmId, bob);
    await org.share(alice, realmId, carl, "READER");
    const [role, rotation] = ["realm_role_certificate", "realm_key_rotation_certificate"];
    expect(types(await of(alice))).toEqual([role, rotation, role, role, role]);
    expect(types(await of(bob))).toEqual([role, rotation, role, role]);
    expect(await of(await org.addUser())).toBeUndefined();
    const removal = DateTime.fromMicros(dates((await of(bob)) ?? []).at(-1) ?? 0);
    expect(await of(bob, removal)).toBeUndefined();
    expect(types(await of(bob, DateTime.fromMicros(removal - 1)))).toEqual([role]);
    await org.share(alice, realmId, bob, "READER");
    expect(await of(bob)).toHaveLength(6);
  });

  test("gives the authority, the services and their revocations of a sequestered organization", async () => {
    org = await target.sequesteredOrganization();
    await createService(target, org, { type: "storage" });
    const { sequesterCertificates } = await get(org.alice);
    expect(sequesterCertificates).toHaveLength(2);
    const [authority] = sequesterCertificates;
    if (authority === undefined) throw new Error("there is one");
    const [date] = dates([authority]);
    expect((await get(org.alice, { sequester: DateTime.fromMicros(date ?? 0) })).sequesterCertificates).toHaveLength(1);
  });
});
