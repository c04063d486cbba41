import { setImmediate } from "node:timers/promises";
import { ready } from "@parsec/crypto";
import { blockCreate, blockRead, cryptpadRegisterSession, realmUpdateArchiving } from "@parsec/protocol";
import { BlockId, OrganizationId, VlobId } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import { expectStatus } from "../../conformance/support/organization.ts";
import { MemoryBlockStore } from "../../src/block-store/memory.ts";
import type { RunningServer } from "../../src/index.ts";
import type { StrictStore } from "../../src/store/memory/strict-store.ts";
import { startTestServer } from "../support/start.ts";
import { createStrictStore } from "../support/stores.ts";

/** A block store that takes its time, and lets a test do something while it writes. */
class SlowBlockStore extends MemoryBlockStore {
  /** Turns of the event loop that the next write takes. */
  turns = 0;
  /** How many turns less each further write takes. */
  faster = 0;
  writes = 0;
  meanwhile: () => Promise<void> = async () => {};

  override async put(...args: Parameters<MemoryBlockStore["put"]>): Promise<void> {
    this.writes += 1;
    const turns = this.turns;
    this.turns -= this.faster;
    await this.meanwhile();
    for (let turn = 0; turn < turns; turn += 1) await setImmediate();
    await super.put(...args);
  }
}

/** A store as S3 and Swift are: its keys have no realm. */
class RealmlessBlockStore extends SlowBlockStore {
  override readonly keying = "organization";
  readonly #anyRealm = VlobId.generate();

  override async put(...[key, ...others]: Parameters<MemoryBlockStore["put"]>): Promise<void> {
    await super.put({ ...key, realmId: this.#anyRealm }, ...others);
  }

  override get(...[key, ...others]: Parameters<MemoryBlockStore["get"]>): AsyncIterable<Uint8Array> {
    return super.get({ ...key, realmId: this.#anyRealm }, ...others);
  }
}

const blockStore = new SlowBlockStore();
let store: StrictStore;
let server: RunningServer;
let target: Target;

beforeAll(async () => {
  await ready();
  const config = { cryptpadServerUrl: "https://cryptpad.example" };
  store = await createStrictStore();
  server = await startTestServer({ dev: true, store, blockStore, config });
  target = await Target.connect(server.url, server.administrationToken);
});
afterAll(() => server.close());
beforeEach(() => {
  Object.assign(blockStore, { turns: 0, faster: 0, writes: 0, meanwhile: async () => {} });
});

test("a member of another realm cannot touch a block by using its id", async () => {
  const org = await target.organization();
  const bob = await org.addUser();
  const [hers, his] = [await org.createRealm(org.alice), await org.createRealm(bob)];
  const blockId = BlockId.generate();
  const [a, b] = [Uint8Array.of(1, 1), Uint8Array.of(2)];
  expectStatus(await org.send(org.alice, blockCreate, { realmId: hers, blockId, keyIndex: 1, block: a }), "ok");
  expectStatus(await org.send(bob, blockCreate, { realmId: his, blockId, keyIndex: 1, block: b }), "ok");
  expect(await org.send(org.alice, blockRead, { realmId: hers, blockId })).toMatchObject({ status: "ok", block: a });
  expect(await org.send(bob, blockRead, { realmId: his, blockId })).toMatchObject({ status: "ok", block: b });
  expectStatus(await org.send(bob, blockRead, { realmId: hers, blockId }), "author_not_allowed");
});

test("of several creations of one block at once, the bytes kept are those of the one that won", async () => {
  const org = await target.organization();
  const realmId = await org.createRealm(org.alice);
  const blockId = BlockId.generate();
  // The first to come writes last, unless the others wait for it.
  Object.assign(blockStore, { turns: 2000, faster: 500 });
  const blocks = [1, 2, 3, 4].map((byte) => Uint8Array.of(byte));
  const replies = await Promise.all(
    blocks.map((block) => org.send(org.alice, blockCreate, { realmId, blockId, keyIndex: 1, block })),
  );
  const winners = replies.flatMap(({ status }, index) => (status === "ok" ? [blocks[index]] : []));
  expect(replies.map(({ status }) => status).sort()).toEqual([...Array<string>(3).fill("block_already_exists"), "ok"]);
  expect(await org.send(org.alice, blockRead, { realmId, blockId })).toMatchObject({ block: winners[0] });
  expect(blockStore.writes).toBe(1);
});

test("where keys have no realm, an id is taken in the whole organization: nobody touches the block of another", async () => {
  const realmless = new RealmlessBlockStore();
  await using other = await startTestServer({ dev: true, store: await createStrictStore(), blockStore: realmless });
  const org = await (await Target.connect(other.url, other.administrationToken)).organization();
  const bob = await org.addUser();
  const [hers, his] = [await org.createRealm(org.alice), await org.createRealm(bob)];
  const [first, second] = [BlockId.generate(), BlockId.generate()];
  const hersOf = (blockId: BlockId) => ({ realmId: hers, blockId, keyIndex: 1, block: Uint8Array.of(1, 1) });
  const hisOf = (blockId: BlockId) => ({ realmId: his, blockId, keyIndex: 1, block: Uint8Array.of(2) });
  expectStatus(await org.send(org.alice, blockCreate, hersOf(first)), "ok");
  expectStatus(await org.send(bob, blockCreate, hisOf(first)), "block_already_exists");
  expectStatus(await org.send(bob, blockRead, { realmId: his, blockId: first }), "block_not_found");
  const hersRead = await org.send(org.alice, blockRead, { realmId: hers, blockId: first });
  expect(hersRead).toMatchObject({ status: "ok", block: Uint8Array.of(1, 1) });

  // Both at once, the first to come writing last unless the other waits for it.
  Object.assign(realmless, { turns: 1000, faster: 900, writes: 0 });
  const replies = await Promise.all([
    org.send(org.alice, blockCreate, hersOf(second)),
    org.send(bob, blockCreate, hisOf(second)),
  ]);
  expect(replies.map(({ status }) => status).sort()).toEqual(["block_already_exists", "ok"]);
  expect(realmless.writes).toBe(1);
  const isHers = replies[0].status === "ok";
  const [winner, realmId, block] = isHers
    ? ([org.alice, hers, Uint8Array.of(1, 1)] as const)
    : ([bob, his, Uint8Array.of(2)] as const);
  expect(await org.send(winner, blockRead, { realmId, blockId: second })).toMatchObject({ status: "ok", block });
});

test("what the block store gives is compared with what was put", async () => {
  const lying = new MemoryBlockStore();
  await using other = await startTestServer({ dev: true, blockStore: lying });
  const org = await (await Target.connect(other.url, other.administrationToken)).organization();
  const realmId = await org.createRealm(org.alice);
  const key = { organizationId: OrganizationId.parse(org.id), realmId, blockId: BlockId.generate() };
  const [block, { blockId }] = [Uint8Array.of(1, 2, 3), key];
  expectStatus(await org.send(org.alice, blockCreate, { realmId, blockId, keyIndex: 1, block }), "ok");
  for (const wrong of [Uint8Array.of(1, 2, 4), Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3, 4), new Uint8Array()]) {
    await lying.put(key, wrong);
    expectStatus(await org.send(org.alice, blockRead, { realmId, blockId }), "store_unavailable");
  }
  await lying.put(key, block);
  expect(await org.send(org.alice, blockRead, { realmId, blockId })).toMatchObject({ status: "ok", block });
});

test("what happens during the upload counts: role, archiving and key of that moment", async () => {
  const org = await target.organization();
  const bob = await org.addUser();
  const realmId = await org.createRealm(org.alice);
  await org.share(org.alice, realmId, bob, "CONTRIBUTOR");
  const block = Uint8Array.of(1);
  const create = (blockId: BlockId) => org.send(bob, blockCreate, { realmId, blockId, keyIndex: 1, block });
  const [lost, archived] = [BlockId.generate(), BlockId.generate()];

  blockStore.meanwhile = async () => {
    const configuration = { type: "ARCHIVED" } as const;
    const archivingCertificate = org.archiving(org.alice, realmId, configuration);
    expectStatus(await org.send(org.alice, realmUpdateArchiving, { archivingCertificate }), "ok");
  };
  expectStatus(await create(archived), "realm_archived");
  blockStore.meanwhile = async () => {};
  const archivingCertificate = org.archiving(org.alice, realmId, { type: "AVAILABLE" });
  expectStatus(await org.send(org.alice, realmUpdateArchiving, { archivingCertificate }), "ok");

  blockStore.meanwhile = () => org.unshare(org.alice, realmId, bob);
  expectStatus(await create(lost), "author_not_allowed");
  for (const blockId of [lost, archived]) {
    expectStatus(await org.send(org.alice, blockRead, { realmId, blockId }), "block_not_found");
  }
});

test("a creation that failed leaves its id free", async () => {
  const org = await target.organization();
  const realmId = await org.createRealm(org.alice);
  const fields = { realmId, blockId: BlockId.generate(), keyIndex: 1, block: Uint8Array.of(1) };
  blockStore.meanwhile = async () => {
    throw new Error("on purpose");
  };
  await expect(org.send(org.alice, blockCreate, fields)).rejects.toMatchObject({ status: 500 });
  blockStore.meanwhile = async () => {};
  expectStatus(await org.send(org.alice, blockCreate, fields), "ok");
});

test("what a creation that was cut off between bytes and row has left is taken over by the next, whatever it is", async () => {
  const org = await target.organization();
  const realmId = await org.createRealm(org.alice);
  for (const block of [Uint8Array.of(1, 2, 3), Uint8Array.of(4)]) {
    const blockId = BlockId.generate();
    blockStore.meanwhile = async () => store.failNextCommit();
    const cut = org.send(org.alice, blockCreate, { realmId, blockId, keyIndex: 1, block: Uint8Array.of(1, 2, 3) });
    await expect(cut).rejects.toMatchObject({ status: 503 });
    blockStore.meanwhile = async () => {};
    const key = { organizationId: OrganizationId.parse(org.id), realmId, blockId };
    expect(await blockStore.has(key)).toBe(true);
    expectStatus(await org.send(org.alice, blockRead, { realmId, blockId }), "block_not_found");
    expectStatus(await org.send(org.alice, blockCreate, { realmId, blockId, keyIndex: 1, block }), "ok");
    expect(await org.send(org.alice, blockRead, { realmId, blockId })).toMatchObject({ status: "ok", block });
  }
});

test("a CryptPad session belongs to the realm whose members were checked", async () => {
  const org = await target.organization();
  const bob = await org.addUser();
  const [hers, his] = [await org.createRealm(org.alice), await org.createRealm(bob)];
  const documentId = VlobId.generate();
  const fields = (realmId: VlobId, byte: number) => ({
    realmId,
    documentId,
    keyIndex: 1,
    timestamp: org.now(),
    encryptedCandidateViewKey: Uint8Array.of(byte),
    encryptedCandidateEditKey: Uint8Array.of(byte, byte),
  });
  expectStatus(await org.send(bob, cryptpadRegisterSession, fields(his, 2)), "ok");
  const session = { author: org.alice.deviceId, encryptedViewKey: Uint8Array.of(1) };
  expect(await org.send(org.alice, cryptpadRegisterSession, fields(hers, 1))).toMatchObject(session);
  const other = await org.send(bob, cryptpadRegisterSession, fields(his, 3));
  expect(other).toMatchObject({ author: bob.deviceId, encryptedViewKey: Uint8Array.of(2) });
});
