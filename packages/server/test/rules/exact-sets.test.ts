import { HashDigest, ready } from "@parsec/crypto";
import {
  blockCreate,
  cryptpadRegisterSession,
  hashDigestHex,
  realmGetKeysBundle,
  realmRename,
  realmRotateKey,
  realmShare,
  vaultItemList,
  vaultItemUpload,
  vaultKeyRotation,
  vlobCreate,
  vlobUpdate,
} from "@parsec/protocol";
import { BlockId, VlobId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import { createAccount, newMethod, withoutRateLimit } from "../../conformance/support/accounts.ts";
import { type Actor, freshActor, freshHandle } from "../../conformance/support/actor.ts";
import { expectStatus } from "../../conformance/support/organization.ts";
import { createService, revokeService } from "../../conformance/support/sequester.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";
import { createStrictStore } from "../support/stores.ts";

let server: RunningServer;
let target: Target;
beforeAll(async () => {
  await ready();
  const config = { cryptpadServerUrl: "https://cryptpad.example" };
  server = await startTestServer({ testbed: true, store: await createStrictStore(), config });
  target = await Target.connect(server.url, server.administrationToken);
  await withoutRateLimit(target);
});
afterAll(() => server.close());

describe("a key rotation gives accesses to exactly those who take part", () => {
  test("members: none missing, none too many, former ones not, revoked ones until they are unshared", async () => {
    const org = await target.organization();
    const { alice } = org;
    const [bob, former, revoked, stranger] = [
      await org.addUser(),
      await org.addUser(),
      await org.addUser(),
      await org.addUser(),
    ];
    const realmId = await org.createRealm(alice);
    for (const member of [bob, former, revoked]) await org.share(alice, realmId, member, "READER");
    await org.unshare(alice, realmId, former);
    await org.revoke(revoked);
    const rotate = async (...participants: readonly Actor[]) =>
      (await org.send(alice, realmRotateKey, org.rotationFields(alice, realmId, 2, participants))).status;
    const refused = "participant_mismatch";
    expect(await rotate(alice, bob)).toBe(refused);
    expect(await rotate(alice, revoked)).toBe(refused);
    expect(await rotate(bob, revoked)).toBe(refused);
    expect(await rotate()).toBe(refused);
    for (const extra of [former, stranger, freshActor()]) {
      expect(await rotate(alice, bob, revoked, extra)).toBe(refused);
      expect(await rotate(alice, bob, extra)).toBe(refused);
    }
    expect(await rotate(alice, bob, revoked)).toBe("ok");
    for (const member of [alice, bob]) {
      const bundle = await org.send(member, realmGetKeysBundle, { realmId, keyIndex: 2 });
      expect(bundle).toMatchObject({ status: "ok", keysBundleAccess: Uint8Array.of(2, 1) });
    }
  });

  test("sequester services: the active ones, no other", async () => {
    const org = await target.sequesteredOrganization();
    const { alice } = org;
    const realmId = await org.createRealm(alice);
    const first = await createService(target, org, { type: "storage" });
    const second = await createService(target, org, { type: "storage" });
    const other = await createService(target, await target.sequesteredOrganization(), { type: "storage" });
    const rotate = async (services: Parameters<typeof org.rotationFields>[4]) =>
      (await org.send(alice, realmRotateKey, org.rotationFields(alice, realmId, 2, [alice], services))).status;
    const [a, b, c] = [first.serviceId, second.serviceId, other.serviceId];
    const refused = "sequester_service_mismatch";
    for (const services of [null, [], [a], [b], [a, c], [a, b, c]]) expect(await rotate({ services })).toBe(refused);
    await revokeService(target, org, b);
    for (const services of [[a, b], [b], []]) expect(await rotate({ services })).toBe(refused);
    expect(await rotate({ services: [a] })).toBe("ok");
  });
});

test("the key index is the current one: neither the one before, nor the next, nor none", async () => {
  const org = await target.organization();
  const { alice } = org;
  const bob = await org.addUser();
  const realmId = await org.createRealm(alice);
  const vlobId = await org.createVlob(alice, realmId);
  for (const keyIndex of [2, 3]) {
    expectStatus(await org.send(alice, realmRotateKey, org.rotationFields(alice, realmId, keyIndex, [alice])), "ok");
  }
  const attempts: readonly (readonly [string, (keyIndex: number) => Promise<{ readonly status: string }>])[] = [
    ["vlob_create", (keyIndex) => org.send(alice, vlobCreate, org.vlobFields(realmId, { keyIndex }))],
    [
      "vlob_update",
      (keyIndex) => org.send(alice, vlobUpdate, { ...org.vlobFields(realmId, { vlobId, keyIndex }), version: 2 }),
    ],
    [
      "block_create",
      (keyIndex) =>
        org.send(alice, blockCreate, { realmId, keyIndex, blockId: BlockId.generate(), block: new Uint8Array() }),
    ],
    [
      "cryptpad_register_session",
      (keyIndex) =>
        org.send(alice, cryptpadRegisterSession, {
          realmId,
          keyIndex,
          documentId: VlobId.generate(),
          timestamp: org.now(),
          encryptedCandidateViewKey: new Uint8Array(),
          encryptedCandidateEditKey: new Uint8Array(),
        }),
    ],
    [
      "realm_rename",
      (keyIndex) =>
        org.send(alice, realmRename, {
          realmNameCertificate: org.name(alice, realmId, keyIndex),
          initialNameOrFail: false,
        }),
    ],
    [
      "realm_share",
      (keyIndex) => org.send(alice, realmShare, org.shareFields(alice, realmId, bob.userId, "READER", { keyIndex })),
    ],
  ];
  for (const [name, attempt] of attempts) {
    for (const wrong of [0, 1, 2, 4]) {
      const reply = await attempt(wrong);
      expect(reply.status, `${name} with ${wrong}`).toBe("bad_key_index");
    }
    expect((await attempt(3)).status, name).toBe("ok");
  }
  const participants = [alice, bob];
  for (const wrong of [2, 3, 5]) {
    const rotation = org.rotationFields(alice, realmId, wrong, participants);
    expectStatus(await org.send(alice, realmRotateKey, rotation), "bad_key_index");
  }
  expectStatus(await org.send(alice, realmRotateKey, org.rotationFields(alice, realmId, 4, participants)), "ok");
});

test("a member gets the access that was given last, and the bundle of the index asked for", async () => {
  const org = await target.organization();
  const { alice } = org;
  const bob = await org.addUser();
  const realmId = await org.createRealm(alice);
  await org.share(alice, realmId, bob, "READER");
  expectStatus(await org.send(alice, realmRotateKey, org.rotationFields(alice, realmId, 2, [alice, bob])), "ok");
  const get = async (keyIndex: number) => await org.send(bob, realmGetKeysBundle, { realmId, keyIndex });
  expect(await get(1)).toMatchObject({ keysBundle: Uint8Array.of(1, 3), keysBundleAccess: Uint8Array.of(9) });
  expect(await get(2)).toMatchObject({ keysBundle: Uint8Array.of(2, 3), keysBundleAccess: Uint8Array.of(2, 1) });
  for (const access of [Uint8Array.of(11), Uint8Array.of(12)]) {
    const role = access[0] === 11 ? "CONTRIBUTOR" : "READER";
    const fields = org.shareFields(alice, realmId, bob.userId, role, { keyIndex: 2 });
    expectStatus(await org.send(alice, realmShare, { ...fields, recipientKeysBundleAccess: access }), "ok");
    expect(await get(2)).toMatchObject({ keysBundleAccess: access });
  }
  expect(await get(1)).toMatchObject({ keysBundleAccess: Uint8Array.of(9) });
});

test("a vault's key rotation has exactly the vault's items: none missing, none too many, none instead", async () => {
  const account = await createAccount(target, freshHandle());
  const [one, two, three] = [1, 2, 3].map((byte) => HashDigest.of(Uint8Array.of(byte)));
  if (one === undefined || two === undefined || three === undefined) throw new Error("there are three");
  for (const itemFingerprint of [one, two]) {
    expectStatus(await target.send(vaultItemUpload, { itemFingerprint, item: new Uint8Array(1) }, account), "ok");
  }
  const method = newMethod();
  const rotate = async (...items: readonly HashDigest[]) =>
    (
      await target.send(
        vaultKeyRotation,
        {
          newAuthMethodId: method.authMethodId,
          newAuthMethodMacKey: method.macKey,
          newAuthMethodPasswordAlgorithm: null,
          newVaultKeyAccess: new Uint8Array([3]),
          items: new Map(items.map((each) => [hashDigestHex(each), new Uint8Array([6])])),
        },
        account,
      )
    ).status;
  for (const wrong of [[], [one], [two], [one, three], [one, two, three]]) {
    expect(await rotate(...wrong)).toBe("items_mismatch");
  }
  expect(await rotate(two, one)).toBe("ok");
  const list = await target.send(vaultItemList, {}, method);
  expectStatus(list, "ok");
  expect([...list.items].sort()).toEqual([one, two].map((each) => [each.hex, Uint8Array.of(6)]).sort());
  expect(list.keyAccess).toEqual(Uint8Array.of(3));
});
