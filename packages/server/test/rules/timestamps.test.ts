import { ready } from "@parsec/crypto";
import {
  deviceCreate,
  organizationInfo,
  realmCreate,
  realmRename,
  realmRotateKey,
  realmSelfPromoteToOwner,
  realmShare,
  realmUnshare,
  realmUpdateArchiving,
  shamirRecoveryDelete,
  shamirRecoverySetup,
  tosAccept,
  tosGet,
  userCreate,
  userRevoke,
  userUpdate,
  vlobCreate,
  vlobUpdate,
} from "@parsec/protocol";
import { DateTime, VlobId } from "@parsec/types";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import { deletionFields, setupFields } from "../../conformance/scenarios/shamir.ts";
import { type Actor, deviceCertificates, freshActor, userCertificates } from "../../conformance/support/actor.ts";
import { expectStatus, type TestOrganization } from "../../conformance/support/organization.ts";
import { expectHttpStatus } from "../../conformance/support/scenario.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";
import { createStrictStore } from "../support/stores.ts";

let server: RunningServer;
let target: Target;
beforeAll(async () => {
  await ready();
  server = await startTestServer({ testbed: true, store: await createStrictStore() });
  target = await Target.connect(server.url, server.administrationToken);
});
afterAll(() => server.close());
afterEach(() => target.controls.shiftClock(null));

/** An organization where every operation below is possible. */
interface Stage {
  readonly org: TestOrganization;
  /** ADMIN, and MANAGER or OWNER of the realm. */
  readonly alice: Actor;
  /** READER of the realm. */
  readonly bob: Actor;
  /** In no realm. */
  readonly carl: Actor;
  readonly realmId: VlobId;
  readonly vlobId: VlobId;
  /** OWNER: alice; not a realm of bob's. */
  readonly otherRealm: VlobId;
  /** Date of alice's recovery. */
  readonly setupOn: DateTime;
}

type Reply = { readonly status: string; readonly strictlyGreaterThan?: DateTime };
type Run = (stage: Stage, timestamp: DateTime) => Promise<Reply>;

/** What may have happened last, at exactly that date. */
const happenings = {
  common: async ({ org, bob }, timestamp) => {
    const { device, redacted } = deviceCertificates(freshActor(bob.handle, bob.userId), org.signer(bob), timestamp);
    return await org.send(bob, deviceCreate, { deviceCertificate: device, redactedDeviceCertificate: redacted });
  },
  realm: ({ org, alice, carl, realmId }, timestamp) =>
    org.send(alice, realmShare, org.shareFields(alice, realmId, carl.userId, "READER", { timestamp })),
  vlob: ({ org, alice, realmId }, timestamp) => org.send(alice, vlobCreate, org.vlobFields(realmId, { timestamp })),
  shamir: ({ org, bob, alice }, timestamp) =>
    org.send(bob, shamirRecoverySetup, setupFields(org, bob, [alice.userId], { timestamp })),
  "other realm": ({ org, alice, carl, otherRealm }, timestamp) =>
    org.send(alice, realmShare, org.shareFields(alice, otherRealm, carl.userId, "READER", { timestamp })),
  "other realm's vlob": ({ org, alice, otherRealm }, timestamp) =>
    org.send(alice, vlobCreate, org.vlobFields(otherRealm, { timestamp })),
} as const satisfies Readonly<Record<string, Run>>;
type Happening = keyof typeof happenings;

/** Each operation, with what it must be newer than (spec 08a §5.3). */
const operations: readonly (readonly [string, readonly Happening[], Run])[] = [
  [
    "user_create",
    ["common"],
    ({ org, alice }, timestamp) => {
      const certificates = userCertificates(freshActor(), org.signer(alice), { timestamp, profile: "STANDARD" });
      return org.send(alice, userCreate, certificates);
    },
  ],
  ["device_create", ["common"], happenings.common],
  [
    "user_update",
    ["common"],
    ({ org, alice, bob }, timestamp) =>
      org.send(alice, userUpdate, org.updateFields(alice, bob.userId, "ADMIN", timestamp)),
  ],
  [
    "user_revoke",
    ["common", "realm", "vlob"],
    ({ org, alice, bob }, timestamp) => org.send(alice, userRevoke, org.revokeFields(alice, bob.userId, timestamp)),
  ],
  [
    "realm_create",
    ["common"],
    ({ org, alice }, timestamp) =>
      org.send(alice, realmCreate, {
        realmRoleCertificate: org.role(alice, VlobId.generate(), alice.userId, "OWNER", timestamp),
      }),
  ],
  [
    "realm_share",
    ["common", "realm", "vlob"],
    ({ org, alice, bob, realmId }, timestamp) =>
      org.send(alice, realmShare, org.shareFields(alice, realmId, bob.userId, "CONTRIBUTOR", { timestamp })),
  ],
  [
    "realm_unshare",
    ["common", "realm", "vlob"],
    ({ org, alice, bob, realmId }, timestamp) =>
      org.send(alice, realmUnshare, { realmRoleCertificate: org.role(alice, realmId, bob.userId, null, timestamp) }),
  ],
  [
    "realm_self_promote_to_owner",
    ["common", "realm", "vlob"],
    ({ org, alice, realmId }, timestamp) =>
      org.send(alice, realmSelfPromoteToOwner, {
        realmRoleCertificate: org.role(alice, realmId, alice.userId, "OWNER", timestamp),
      }),
  ],
  [
    "realm_rename",
    ["common", "realm"],
    ({ org, alice, realmId }, timestamp) =>
      org.send(alice, realmRename, {
        realmNameCertificate: org.name(alice, realmId, 1, timestamp),
        initialNameOrFail: true,
      }),
  ],
  [
    "realm_rotate_key",
    ["common", "realm"],
    async ({ org, alice, bob, carl, realmId }, timestamp) => {
      // Carl is a member only when he was let in meanwhile.
      for (const participants of [
        [alice, bob],
        [alice, bob, carl],
      ]) {
        const reply = await org.send(
          alice,
          realmRotateKey,
          org.rotationFields(alice, realmId, 2, participants, { timestamp }),
        );
        if (reply.status !== "participant_mismatch") return reply;
      }
      throw new Error("these are the participants");
    },
  ],
  [
    "realm_update_archiving",
    ["common", "realm"],
    ({ org, alice, realmId }, timestamp) =>
      org.send(alice, realmUpdateArchiving, {
        archivingCertificate: org.archiving(alice, realmId, { type: "ARCHIVED" }, timestamp),
      }),
  ],
  ["vlob_create", ["common", "realm"], happenings.vlob],
  [
    "vlob_update",
    ["common", "realm"],
    ({ org, alice, realmId, vlobId }, timestamp) =>
      org.send(alice, vlobUpdate, { ...org.vlobFields(realmId, { vlobId, timestamp }), version: 2 }),
  ],
  [
    "shamir_recovery_setup",
    ["common", "shamir"],
    ({ org, carl, alice }, timestamp) =>
      org.send(carl, shamirRecoverySetup, setupFields(org, carl, [alice.userId], { timestamp })),
  ],
  [
    "shamir_recovery_delete",
    ["common", "shamir"],
    ({ org, alice, bob, setupOn }, timestamp) =>
      org.send(alice, shamirRecoveryDelete, deletionFields(org, alice, setupOn, [bob.userId], { timestamp })),
  ],
];

async function stageFor(operation: string): Promise<Stage> {
  const org = await target.organization();
  const { alice } = org;
  const [bob, carl, owner] = [await org.addUser(), await org.addUser(), await org.addUser()];
  const realmId = await org.createRealm(alice);
  await org.share(alice, realmId, bob, "READER");
  const vlobId = await org.createVlob(alice, realmId);
  const otherRealm = await org.createRealm(alice);
  const setupOn = org.now();
  const setup = setupFields(org, alice, [bob.userId], { timestamp: setupOn });
  expectStatus(await org.send(alice, shamirRecoverySetup, setup), "ok");
  if (operation === "realm_self_promote_to_owner") {
    await org.share(alice, realmId, owner, "OWNER");
    await org.share(owner, realmId, alice, "MANAGER");
    await org.revoke(owner);
  }
  return { org, alice, bob, carl, realmId, vlobId, otherRealm, setupOn };
}

describe.each(operations)("%s", (name, references, run) => {
  test.each(Object.keys(happenings) as Happening[])("and what happened in: %s", async (happening) => {
    const stage = await stageFor(name);
    const last = stage.org.now();
    expectStatus(await happenings[happening](stage, last), "ok");
    const counts = references.includes(happening);
    const reply = await run(stage, last);
    if (counts) expect(reply).toMatchObject({ status: "require_greater_timestamp", strictlyGreaterThan: last });
    else expect(reply.status).toBe("ok");
    if (counts) expect((await run(stage, DateTime.fromMicros(last + 1))).status).toBe("ok");
  });
});

test("the realms that a user has left do not count for the revocation", async () => {
  const { org, alice, bob, realmId } = await stageFor("user_revoke");
  await org.unshare(alice, realmId, bob);
  const before = org.now();
  await org.createVlob(alice, realmId);
  expectStatus(await org.send(alice, userRevoke, org.revokeFields(alice, bob.userId, before)), "ok");
});

test("terms that are accepted after the clock was set back are accepted", async () => {
  const org = await target.organization();
  await target.controls.shiftClock(200);
  await target.updateOrganization(org, { tos: { en: "https://example.com" } });
  await target.controls.shiftClock(null);
  await expectHttpStatus(org.send(org.alice, organizationInfo, {}), 463);
  const tos = await org.send(org.alice, tosGet, {});
  expectStatus(tos, "ok");
  expectStatus(await org.send(org.alice, tosAccept, { tosUpdatedOn: tos.updatedOn }), "ok");
  expectStatus(await org.send(org.alice, organizationInfo, {}), "ok");
});

describe("dates that are too far from the server's", () => {
  const early = 300e6;
  const late = 320e6;
  const now = DateTime.fromMicros(Date.now() * 1000);

  async function freeze(at: number): Promise<void> {
    const body = JSON.stringify({ now_us: at });
    await (await fetch(`${server.url}/testbed/clock`, { method: "PUT", body })).arrayBuffer();
  }

  test("of vlobs and certificates: 300 s ahead, or 320 s behind, to the microsecond", async () => {
    const org = await target.organization();
    const realmId = await org.createRealm(org.alice);
    // Older than all that follows, for the topics go only forward.
    const start = org.now() + 2 * late;
    const token = { now: DateTime.fromMicros(start) };
    await freeze(start);
    const attempt = (timestamp: number) => {
      const at = DateTime.fromMicros(timestamp);
      return org.send(org.alice, vlobCreate, org.vlobFields(realmId, { timestamp: at }), token);
    };
    const certify = (timestamp: number) => {
      const at = DateTime.fromMicros(timestamp);
      const realmRoleCertificate = org.role(org.alice, VlobId.generate(), org.alice.userId, "OWNER", at);
      return org.send(org.alice, realmCreate, { realmRoleCertificate }, token);
    };
    for (const send of [attempt, certify]) {
      for (const timestamp of [start - late, start + early]) {
        expect(await send(timestamp)).toMatchObject({
          status: "timestamp_out_of_ballpark",
          ballparkClientEarlyOffset: 300,
          ballparkClientLateOffset: 320,
          serverTimestamp: start,
          clientTimestamp: timestamp,
        });
      }
      for (const timestamp of [start - late + 1, start, start + early - 1]) {
        expect((await send(timestamp)).status).toBe("ok");
      }
    }
  });

  test("of bearer tokens: the same, by the server's clock of the moment", async () => {
    const org = await target.organization();
    const second = Math.floor((now as number) / 1e6) * 1e6;
    const send = (tokenDate: number) =>
      org.send(org.alice, organizationInfo, {}, { now: DateTime.fromMicros(tokenDate) });
    await freeze(second);
    for (const good of [second - 319e6, second, second + 299e6]) expectStatus(await send(good), "ok");
    for (const bad of [second - 320e6, second + 300e6]) await expectHttpStatus(send(bad), 498);
    await freeze(second + 999_999);
    for (const good of [second - 319e6, second + 300e6]) expectStatus(await send(good), "ok");
    for (const bad of [second - 320e6, second + 301e6]) await expectHttpStatus(send(bad), 498);
    // The token that was good is not, once the clock has moved.
    await freeze(second + 400e6);
    await expectHttpStatus(send(second), 498);
    expectStatus(await send(second + 400e6), "ok");
  });
});
