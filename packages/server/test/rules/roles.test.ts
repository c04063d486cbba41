import { ready } from "@parsec/crypto";
import {
  blockCreate,
  blockRead,
  realmGetKeysBundle,
  realmRename,
  realmRotateKey,
  realmShare,
  realmUnshare,
  realmUpdateArchiving,
  vlobCreate,
  vlobPollChanges,
  vlobReadBatch,
  vlobReadVersions,
  vlobUpdate,
} from "@parsec/protocol";
import { BlockId, type RealmRole, type VlobId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import type { Actor } from "../../conformance/support/actor.ts";
import { expectStatus, type TestOrganization } from "../../conformance/support/organization.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";
import { createStrictStore } from "../support/stores.ts";

let server: RunningServer;
let target: Target;
let realm: Realm;
beforeAll(async () => {
  await ready();
  server = await startTestServer({ dev: true, store: await createStrictStore() });
  target = await Target.connect(server.url, server.administrationToken);
  realm = await realmOfAll();
});
afterAll(() => server.close());

const ranks = ["READER", "CONTRIBUTOR", "MANAGER", "OWNER"] as const;
const roles: readonly (RealmRole | null)[] = [null, ...ranks];

function isAtLeast(role: RealmRole | null, least: RealmRole): boolean {
  return role !== null && ranks.indexOf(role) >= ranks.indexOf(least);
}

/** What a member with the role `author` gets who gives `next` to somebody with `current` (spec 08b §6.2, §6.3). */
function expected(author: RealmRole | null, current: RealmRole | null, next: RealmRole | null): string {
  if (author === null) return "author_not_allowed";
  if (next === null && current === null) return "recipient_already_unshared";
  const isAboutManagement = isAtLeast(current, "MANAGER") || isAtLeast(next, "MANAGER");
  if (!isAtLeast(author, isAboutManagement ? "OWNER" : "MANAGER")) return "author_not_allowed";
  return current === next ? "role_already_granted" : "ok";
}

interface Realm {
  readonly org: TestOrganization;
  readonly realmId: VlobId;
  readonly members: ReadonlyMap<RealmRole | null, Actor>;
}

/** A realm with one member of each role, and somebody who is none. */
async function realmOfAll(): Promise<Realm> {
  const org = await target.organization();
  const realmId = await org.createRealm(org.alice);
  const members = new Map<RealmRole | null, Actor>();
  for (const role of roles) {
    const actor = await org.addUser();
    members.set(role, actor);
    if (role !== null) await org.share(org.alice, realmId, actor, role);
  }
  return { org, realmId, members };
}

function memberOf({ members }: Realm, role: RealmRole | null): Actor {
  const member = members.get(role);
  if (member === undefined) throw new Error("there is one of each role");
  return member;
}

describe.each(roles)("who may give roles, and take them: a member with the role %s", (authorRole) => {
  test.each(roles)("to somebody with the role %s", async (current) => {
    const { org, realmId } = realm;
    const author = memberOf(realm, authorRole);
    for (const next of roles) {
      const subject = await org.addUser();
      if (current !== null) await org.share(org.alice, realmId, subject, current);
      const reply =
        next === null
          ? await org.send(author, realmUnshare, {
              realmRoleCertificate: org.role(author, realmId, subject.userId, null),
            })
          : await org.send(author, realmShare, org.shareFields(author, realmId, subject.userId, next));
      expect(reply.status, `${authorRole}: ${current} to ${next}`).toBe(expected(authorRole, current, next));
    }
  });
});

test("what each role may do in a realm", async () => {
  const own = await realmOfAll();
  const { org, realmId } = own;
  const vlobId = await org.createVlob(org.alice, realmId);
  const blockId = BlockId.generate();
  const block = { realmId, keyIndex: 1, block: new Uint8Array(1) };
  expectStatus(await org.send(org.alice, blockCreate, { ...block, blockId }), "ok");
  let version = 1;
  const participants = [org.alice, ...ranks.map((role) => memberOf(own, role))];
  const attempts: readonly (readonly [string, RealmRole, (author: Actor) => Promise<{ readonly status: string }>])[] = [
    ["vlob_create", "CONTRIBUTOR", (author) => org.send(author, vlobCreate, org.vlobFields(realmId))],
    [
      "vlob_update",
      "CONTRIBUTOR",
      (author) => org.send(author, vlobUpdate, { ...org.vlobFields(realmId, { vlobId }), version: version + 1 }),
    ],
    [
      "block_create",
      "CONTRIBUTOR",
      (author) => org.send(author, blockCreate, { ...block, blockId: BlockId.generate() }),
    ],
    ["block_read", "READER", (author) => org.send(author, blockRead, { realmId, blockId })],
    ["vlob_read_batch", "READER", (author) => org.send(author, vlobReadBatch, { realmId, vlobs: [vlobId], at: null })],
    ["vlob_read_versions", "READER", (author) => org.send(author, vlobReadVersions, { realmId, items: [[vlobId, 1]] })],
    ["vlob_poll_changes", "READER", (author) => org.send(author, vlobPollChanges, { realmId, lastCheckpoint: 0 })],
    ["realm_get_keys_bundle", "READER", (author) => org.send(author, realmGetKeysBundle, { realmId, keyIndex: 1 })],
    [
      "realm_rename",
      "OWNER",
      (author) =>
        org.send(author, realmRename, {
          realmNameCertificate: org.name(author, realmId, 1),
          initialNameOrFail: false,
        }),
    ],
    [
      "realm_update_archiving",
      "OWNER",
      (author) =>
        org.send(author, realmUpdateArchiving, {
          archivingCertificate: org.archiving(author, realmId, { type: "AVAILABLE" }),
        }),
    ],
    [
      "realm_rotate_key",
      "OWNER",
      (author) => org.send(author, realmRotateKey, org.rotationFields(author, realmId, 2, participants)),
    ],
  ];
  for (const [name, least, attempt] of attempts) {
    for (const role of roles) {
      const { status } = await attempt(memberOf(own, role));
      expect(status, `${name} by ${role}`).toBe(isAtLeast(role, least) ? "ok" : "author_not_allowed");
      if (name === "vlob_update" && status === "ok") version += 1;
    }
  }
});

test("an outsider reads and contributes, and manages nothing", async () => {
  const org = await target.organization();
  const realmId = await org.createRealm(org.alice);
  const outsider = await org.addUser("OUTSIDER");
  const share = async (role: RealmRole) =>
    (await org.send(org.alice, realmShare, org.shareFields(org.alice, realmId, outsider.userId, role))).status;
  const refused = "role_incompatible_with_outsider";
  expect([await share("MANAGER"), await share("OWNER"), await share("READER"), await share("CONTRIBUTOR")]).toEqual([
    refused,
    refused,
    "ok",
    "ok",
  ]);
  expectStatus(await org.send(outsider, vlobCreate, org.vlobFields(realmId)), "ok");
  const bob = await org.addUser();
  await org.share(org.alice, realmId, bob, "OWNER");
  await org.setProfile(bob, "OUTSIDER");
  // A role that an outsider has from before stays, as the reference has it.
  expectStatus(await org.send(bob, vlobCreate, org.vlobFields(realmId)), "ok");
});
