import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blockRead, certificateGet, realmUpdateArchiving, vlobCreate } from "@parsec/protocol";
import { BlockId, DateTime, OrganizationId, type RealmArchivingConfiguration, VlobId } from "@parsec/types";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectStatus, type TestOrganization } from "../../conformance/support/organization.ts";
import { MemoryBlockStore } from "../../src/block-store/memory.ts";
import { type BlockStore, BlockStoreError } from "../../src/block-store/port.ts";
import { deletableRealms } from "../../src/operations/deletable-realms.ts";
import { deleteRealm } from "../../src/operations/delete-realm.ts";
import { humanAccesses } from "../../src/operations/human-accesses.ts";
import { createBlock, idOf, type Operated, operatedServer } from "../support/operated.ts";

let folder: string;
let dumpPath: string;
let operated: Operated;
let org: TestOrganization;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "parsec-realms-"));
  dumpPath = join(folder, "blocks.txt");
  operated = await operatedServer();
  org = await operated.target.organization({ realm_minimum_archiving_period_before_deletion: 0 });
});
afterEach(async () => {
  await operated[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function archive(realmId: VlobId, configuration: RealmArchivingConfiguration): Promise<void> {
  const archivingCertificate = org.archiving(org.alice, realmId, configuration);
  expectStatus(await org.send(org.alice, realmUpdateArchiving, { archivingCertificate }), "ok");
}

async function planDeletion(realmId: VlobId, seconds: number): Promise<DateTime> {
  const deletionDate = DateTime.fromMicros(org.now() + seconds * 1e6);
  await archive(realmId, { type: "DELETION_PLANNED", deletionDate });
  return deletionDate;
}

const after = (date: DateTime, micros: number) => DateTime.fromMicros(date + micros);
const list = (now: DateTime) => deletableRealms(operated.store, idOf(org), now);
const remove = (
  realmId: VlobId,
  options: { readonly now?: DateTime; readonly dryRun?: boolean; readonly blockStore?: BlockStore } = {},
) => deleteRealm(operated.store, { organizationId: idOf(org), realmId, dumpPath }, { now: org.now(), ...options });

describe("the realms that may be deleted", () => {
  test("are those whose date has come, from that instant on", async () => {
    const [planned, archived] = [await org.createRealm(org.alice), await org.createRealm(org.alice)];
    await org.createRealm(org.alice);
    await archive(archived, { type: "ARCHIVED" });
    const date = await planDeletion(planned, 1000);
    expect(await list(after(date, -1))).toEqual([]);
    expect(await list(date)).toEqual([{ realmId: planned, kind: "deletion_planned", deletionDate: date }]);
    // A plan that was taken back is none.
    await archive(planned, { type: "AVAILABLE" });
    expect(await list(after(date, 1))).toEqual([]);
  });

  test("are those whose members are all revoked, since the last of them was; one may be both", async () => {
    const [bob, carl] = [await org.addUser(), await org.addUser()];
    const realmId = await org.createRealm(bob);
    await org.share(bob, realmId, carl, "READER");
    await org.revoke(bob);
    expect(await list(org.now())).toEqual([]);
    await org.revoke(carl);
    const [orphan] = await list(org.now());
    expect(orphan).toMatchObject({ realmId, kind: "orphaned" });
    const revokedOn = (await humanAccesses(operated.store, idOf(org), [carl.userId]))[0]?.users[0]?.history.at(-1);
    expect(orphan).toMatchObject({ orphanedSince: revokedOn?.on });
    expect(revokedOn?.profile).toBe("REVOKED");
  });

  test("are not those that were deleted, nor those of an unknown organization", async () => {
    const bob = await org.addUser();
    const realmId = await org.createRealm(bob);
    await org.revoke(bob);
    await remove(realmId);
    expect(await list(org.now())).toEqual([]);
    await expect(deletableRealms(operated.store, OrganizationId.parse("Nobody"), org.now())).rejects.toMatchObject({
      code: "ORGANIZATION_NOT_FOUND",
    });
  });
});

describe("to delete a realm", () => {
  /** A realm with two blocks and a vlob, whose deletion is planned. */
  async function planned(seconds = 1) {
    const realmId = await org.createRealm(org.alice);
    const blocks = [
      await createBlock(org, org.alice, realmId, Uint8Array.of(1)),
      await createBlock(org, org.alice, realmId, Uint8Array.of(2)),
    ];
    expectStatus(await org.send(org.alice, vlobCreate, org.vlobFields(realmId)), "ok");
    const date = await planDeletion(realmId, seconds);
    const lines = blocks.map((id) => `${org.id}/${BlockId.display(id)}\n`).join("");
    return { realmId, blocks, lines, date };
  }

  async function listed(): Promise<number> {
    let count = 0;
    for await (const _ of operated.blockStore.list(idOf(org))) count += 1;
    return count;
  }

  test("removes what it holds and keeps its certificates; the objects are left, and listed", async () => {
    const { realmId, blocks, lines, date } = await planned();
    const [kept, keptBlock] = [await org.createRealm(org.alice), Uint8Array.of(7)];
    const keptId = await createBlock(org, org.alice, kept, keptBlock);
    expect(await remove(realmId, { now: date })).toBe(2);
    expect(readFileSync(dumpPath, "utf8")).toBe(lines);
    const [blockId = BlockId.generate()] = blocks;
    expectStatus(await org.send(org.alice, blockRead, { realmId, blockId }), "realm_deleted");
    const certificates = await org.send(org.alice, certificateGet, {
      commonAfter: null,
      sequesterAfter: null,
      shamirRecoveryAfter: null,
      realmAfter: new Map(),
    });
    expectStatus(certificates, "ok");
    expect(certificates.realmCertificates.get(realmId)?.length).toBe(3);
    expect(await listed()).toBe(3);
    expect(await org.send(org.alice, blockRead, { realmId: kept, blockId: keptId })).toMatchObject({
      block: keptBlock,
    });
    await expect(remove(realmId, { now: date })).rejects.toMatchObject({ code: "REALM_DELETED" });
  });

  test("with its block store removes its bytes too, and no others", async () => {
    const { realmId, date } = await planned();
    const kept = await org.createRealm(org.alice);
    await createBlock(org, org.alice, kept, Uint8Array.of(7));
    await remove(realmId, { now: date, blockStore: operated.blockStore });
    expect(await listed()).toBe(1);
  });

  test("goes on with the bytes where it was interrupted", async () => {
    const { realmId, lines, date } = await planned();
    const failing: BlockStore = Object.assign(new MemoryBlockStore(), {
      delete: async () => {
        throw new BlockStoreError("BLOCK_STORE_FAILED", "Away");
      },
    });
    await expect(remove(realmId, { now: date, blockStore: failing })).rejects.toMatchObject({
      code: "BLOCK_STORE_FAILED",
    });
    expect(readFileSync(dumpPath, "utf8")).toBe(lines);
    expect(await remove(realmId, { now: date, blockStore: operated.blockStore })).toBe(2);
    expect(await listed()).toBe(0);
  });

  test("dry, only lists", async () => {
    const { realmId, blocks, lines, date } = await planned(1000);
    expect(await remove(realmId, { dryRun: true, blockStore: operated.blockStore })).toBe(2);
    expect(readFileSync(dumpPath, "utf8")).toBe(lines);
    const [blockId = BlockId.generate()] = blocks;
    expectStatus(await org.send(org.alice, blockRead, { realmId, blockId }), "ok");
    expect(await list(date)).toHaveLength(1);
  });

  test("is refused before its date, and while somebody uses it", async () => {
    const { realmId, date } = await planned(1000);
    await expect(remove(realmId, { now: after(date, -1) })).rejects.toMatchObject({
      code: "DELETION_DATE_NOT_REACHED",
    });
    const used = await org.createRealm(org.alice);
    await expect(remove(used)).rejects.toMatchObject({ code: "REALM_NOT_DELETABLE" });
    await archive(used, { type: "ARCHIVED" });
    await expect(remove(used)).rejects.toMatchObject({ code: "REALM_NOT_DELETABLE" });
    await expect(remove(VlobId.generate())).rejects.toMatchObject({ code: "REALM_NOT_FOUND" });
  });
});

describe("the accesses of humans", () => {
  test("are all of their users, profiles and roles, in order", async () => {
    const bob = await org.addUser();
    const realmId = await org.createRealm(org.alice);
    await org.share(org.alice, realmId, bob, "READER");
    await org.share(org.alice, realmId, bob, "MANAGER");
    await org.unshare(org.alice, realmId, bob);
    await org.setProfile(bob, "ADMIN");
    await org.revoke(bob);
    const [human, ...others] = await humanAccesses(operated.store, idOf(org), [bob.userId]);
    expect(others).toEqual([]);
    expect(human?.humanHandle.email).toBe(bob.handle.email);
    const [user] = human?.users ?? [];
    expect(user?.profile).toBeNull();
    expect(user?.history.map(({ profile }) => profile)).toEqual(["STANDARD", "ADMIN", "REVOKED"]);
    expect(user?.realms).toHaveLength(1);
    expect(user?.realms[0]?.realmId).toBe(realmId);
    expect(user?.realms[0]?.history.map(({ role }) => role)).toEqual(["READER", "MANAGER", null]);
    const dates = user?.realms[0]?.history.map(({ on }) => on) ?? [];
    expect(dates).toEqual([...dates].sort((a, b) => a - b));
  });

  test("are found by all words together, whatever their case", async () => {
    const bob = await org.addUser();
    const count = async (...words: string[]) => (await humanAccesses(operated.store, idOf(org), words)).length;
    expect(await count()).toBe(2);
    const { email, label } = bob.handle;
    expect(await count(email.toUpperCase(), ...label.toUpperCase().split(" "))).toBe(1);
    expect(await count(bob.userId.slice(4, 12))).toBe(1);
    expect(await count(`${bob.userId.slice(0, 8)}-${bob.userId.slice(8, 12)}`)).toBe(1);
    expect(await count(bob.userId, org.alice.userId)).toBe(0);
  });
});
