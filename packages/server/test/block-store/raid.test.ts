import { equalBytes, randomBytes, SettableClock, systemClock } from "@parsec/base";
import { BlockId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import { contentOf, readBlock } from "../../src/block-store/content.ts";
import { MemoryBlockStore } from "../../src/block-store/memory.ts";
import type { BlockKey, BlockStore } from "../../src/block-store/port.ts";
import { Raid0BlockStore } from "../../src/block-store/raid/raid0.ts";
import { Raid1BlockStore } from "../../src/block-store/raid/raid1.ts";
import { Raid5BlockStore } from "../../src/block-store/raid/raid5.ts";
import { blockStoreContract, listOf, newKey } from "../support/block-store-contract.ts";
import { FaultyNode, type Trouble } from "../support/faulty-node.ts";

const memories = (count: number) => Array.from({ length: count }, () => new MemoryBlockStore());

blockStoreContract("raid0", async () => new Raid0BlockStore(memories(3)));
blockStoreContract("raid1", async () => new Raid1BlockStore(memories(2)));
blockStoreContract("raid5 of three", async () => new Raid5BlockStore(memories(3), systemClock));
blockStoreContract(
  "raid1 of a raid5 and a raid0",
  async () => new Raid1BlockStore([new Raid5BlockStore(memories(4), systemClock), new Raid0BlockStore(memories(2))]),
);

const block = randomBytes(1001);
const content = contentOf(block);
/** Reading what a node says about bytes is not enough. */
const lies: readonly Trouble[] = ["truncates", "lengthens", "flips", "empties"];
const all: readonly Trouble[] = ["fails", "hangs", "loses", ...lies];

const faultyNodes = (count: number) => Array.from({ length: count }, () => new FaultyNode());
const trouble = (nodes: readonly FaultyNode[], ...troubles: readonly (Trouble | null)[]) => {
  for (const [index, node] of nodes.entries()) node.trouble = troubles[index] ?? null;
};
const reads = async (raid: BlockStore, key: BlockKey) => equalBytes(await readBlock(raid, key, content), block);

test("raid0 takes the node of the id, modulo their count", async () => {
  const nodes = memories(3);
  const raid = new Raid0BlockStore(nodes);
  for (const [id, index] of [
    ["00000000000000000000000000000000", 0],
    ["00000000000000000000000000000004", 1],
    ["00000000000000000000000000000005", 2],
    ["ffffffffffffffffffffffffffffffff", 0],
    ["fffffffffffffffffffffffffffffffe", 2],
    // 2^64 is 1 modulo 3: the upper half counts too.
    ["00000000000000010000000000000001", 2],
  ] as const) {
    const key = newKey({ blockId: BlockId.parse(id) ?? BlockId.generate() });
    await raid.put(key, block);
    expect(await Promise.all(nodes.map((node) => node.has(key)))).toEqual(nodes.map((_, node) => node === index));
  }
});

test("a RAID of stores with realms and stores without lists each block once", async () => {
  class Realmless extends MemoryBlockStore {
    override readonly keying = "organization";
    override async *list(...args: Parameters<MemoryBlockStore["list"]>) {
      for await (const listed of super.list(...args)) yield { ...listed, realmId: null };
    }
  }
  const nodes = [new Realmless(), new MemoryBlockStore()];
  const raid = new Raid1BlockStore(nodes);
  expect(raid.keying).toBe("organization");
  const keys = [newKey(), newKey()];
  for (const key of keys) await raid.put(key, block);
  const expected = keys.sort((a, b) => (a.blockId < b.blockId ? -1 : 1));
  expect(await listOf(raid)).toEqual(expected);
});

describe("raid1", () => {
  test.each(all)("reads from the others when one %s, and is what it was when that is over", async (what) => {
    const nodes = faultyNodes(3);
    const raid = new Raid1BlockStore(nodes);
    const key = newKey();
    await raid.put(key, block);
    for (let bad = 0; bad < 3; bad += 1) {
      trouble(nodes, ...nodes.map((_, index) => (index === bad ? what : null)));
      expect(await reads(raid, key)).toBe(true);
      trouble(nodes, ...nodes.map((_, index) => (index === bad ? null : what)));
      expect(await reads(raid, key)).toBe(true);
    }
    trouble(nodes);
    expect(await reads(raid, key)).toBe(true);
    // Who was not needed is let go.
    expect(nodes.map(({ underWay }) => underWay)).toEqual([0, 0, 0]);
  });

  test.each([
    [["loses", "loses"], "BLOCK_MISSING"],
    [["flips", "loses"], "BLOCK_DAMAGED"],
    [["fails", "flips"], "BLOCK_STORE_FAILED"],
    [["fails", "loses"], "BLOCK_STORE_FAILED"],
  ] as const)("with %j says %s", async (troubles, code) => {
    const nodes = faultyNodes(2);
    const raid = new Raid1BlockStore(nodes);
    const key = newKey();
    await raid.put(key, block);
    trouble(nodes, ...troubles);
    await expect(readBlock(raid, key, content)).rejects.toMatchObject({ code });
  });

  test("writes to all or fails; with partial creation one is enough", async () => {
    const nodes = faultyNodes(3);
    const key = newKey();
    trouble(nodes, null, "fails", null);
    const strict = new Raid1BlockStore(nodes);
    await expect(strict.put(key, block)).rejects.toMatchObject({ code: "BLOCK_STORE_FAILED" });
    const partial = new Raid1BlockStore(nodes, { partialCreate: true });
    trouble(nodes, null, "fails", "fails");
    await partial.put(key, block);
    trouble(nodes, "fails", "fails", "fails");
    await expect(partial.put(newKey(), block)).rejects.toMatchObject({ code: "BLOCK_STORE_FAILED" });
    // Those that come back have not got it: it is read all the same.
    trouble(nodes);
    expect([await reads(partial, key), await partial.has(key)]).toEqual([true, true]);
    // Failed or not, a creation that is repeated brings all to the same.
    await strict.put(key, block);
    for (const node of nodes) expect(await reads(node, key)).toBe(true);
  });
});

describe.each([3, 4, 6])("raid5 of %i nodes", (count) => {
  const open = (options = {}, clock = systemClock) => {
    const nodes = faultyNodes(count);
    return { nodes, raid: new Raid5BlockStore(nodes, clock, options) };
  };

  test("has the bytes of the specification: length, block, zeros, and the XOR last", async () => {
    const { nodes, raid } = open();
    const key = newKey();
    for (const size of [0, 1, count, 1000, 1001, 1002, 1003]) {
      const bytes = randomBytes(size);
      await raid.put(key, bytes);
      const chunk = Math.ceil((size + 4) / (count - 1));
      const chunks = await Promise.all(nodes.map((node) => readBlock(node, key, { size: chunk, digest: null })));
      const payload = Buffer.concat(chunks.slice(0, -1));
      expect(payload.readUInt32BE(0)).toBe(size);
      expect(payload.subarray(4, 4 + size).equals(bytes)).toBe(true);
      expect(payload.subarray(4 + size).every((byte) => byte === 0)).toBe(true);
      const xor = Uint8Array.from({ length: chunk }, (_, at) => chunks.reduce((sum, each) => sum ^ (each[at] ?? 0), 0));
      expect(xor.every((byte) => byte === 0)).toBe(true);
    }
  });

  test.each(all.filter((what) => what !== "hangs"))("reads when any one node %s", async (what) => {
    const { nodes, raid } = open();
    const key = newKey();
    await raid.put(key, block);
    for (let bad = 0; bad < count; bad += 1) {
      trouble(nodes, ...nodes.map((_, index) => (index === bad ? what : null)));
      expect(await reads(raid, key)).toBe(true);
    }
    trouble(nodes);
    expect(await reads(raid, key)).toBe(true);
  });

  test("asks for the checksum only when a node fails, and no other", async () => {
    const { nodes, raid } = open();
    const key = newKey();
    await raid.put(key, block);
    expect(await reads(raid, key)).toBe(true);
    expect(nodes.map(({ gets }) => gets)).toEqual([...Array<number>(count - 1).fill(1), 0]);
    trouble(nodes, "fails");
    expect(await reads(raid, key)).toBe(true);
    expect(nodes.map(({ gets }) => gets)).toEqual([...Array<number>(count - 1).fill(2), 1]);
  });

  test("does without a node that is slow, after two seconds, and lets it go", async () => {
    const clock = new SettableClock(0);
    const { nodes, raid } = open({}, clock);
    const key = newKey();
    await raid.put(key, block);
    trouble(nodes, "hangs");
    let isDone = false;
    const reading = reads(raid, key).finally(() => {
      isDone = true;
    });
    clock.advance(1999);
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect([isDone, nodes.at(-1)?.gets]).toEqual([false, 0]);
    clock.advance(1);
    expect(await reading).toBe(true);
    expect(nodes.map(({ underWay }) => underWay)).toEqual(nodes.map(() => 0));
  });

  test.each([
    ["fails", "fails", "BLOCK_STORE_FAILED"],
    ["loses", "loses", "BLOCK_MISSING"],
    ["fails", "loses", "BLOCK_STORE_FAILED"],
    ["flips", "fails", "BLOCK_DAMAGED"],
    ["flips", "flips", "BLOCK_DAMAGED"],
  ] as const)("with two nodes in trouble (%s, %s) gives nothing", async (one, other, code) => {
    const { nodes, raid } = open();
    const key = newKey();
    await raid.put(key, block);
    for (const bad of [0, count - 2]) {
      trouble(nodes, ...nodes.map((_, index) => (index === bad ? one : index === count - 1 ? other : null)));
      await expect(readBlock(raid, key, content)).rejects.toMatchObject({ code });
    }
  });

  test("writes to all or fails; with partial creation one may lack", async () => {
    const { nodes, raid } = open();
    const partial = new Raid5BlockStore(nodes, systemClock, { partialCreate: true });
    for (let bad = 0; bad < count; bad += 1) {
      const key = newKey();
      trouble(nodes, ...nodes.map((_, index) => (index === bad ? "fails" : null)));
      await expect(raid.put(key, block)).rejects.toMatchObject({ code: "BLOCK_STORE_FAILED" });
      await partial.put(key, block);
      expect([await reads(partial, key), await partial.has(key)]).toEqual([true, true]);
      // It comes back, and has an older chunk of a creation that failed: what is read is what was acknowledged.
      trouble(nodes);
      const [node] = nodes.slice(bad);
      await node?.put(key, randomBytes(Math.ceil((block.length + 4) / (count - 1))));
      expect(await reads(partial, key)).toBe(true);
      trouble(nodes, ...nodes.map((_, index) => (index === bad || index === (bad + 1) % count ? "fails" : null)));
      await expect(partial.put(newKey(), block)).rejects.toMatchObject({ code: "BLOCK_STORE_FAILED" });
    }
  });

  test("waits for all nodes before it tells of a failure: nothing is written behind the back of who asks", async () => {
    const { nodes, raid } = open();
    const enough = new AbortController();
    const reason = new Error("enough");
    trouble(nodes, "fails", "hangs");
    let isDone = false;
    const writing = raid.put(newKey(), block, { signal: enough.signal }).finally(() => {
      isDone = true;
    });
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(isDone).toBe(false);
    enough.abort(reason);
    await expect(writing).rejects.toBe(reason);
    expect(nodes.map(({ underWay }) => underWay)).toEqual(nodes.map(() => 0));
  });

  test("knows what it has when as many nodes have it as reading needs", async () => {
    const { nodes, raid } = open();
    const key = newKey();
    await raid.put(key, block);
    await nodes[0]?.delete(key);
    expect(await raid.has(key)).toBe(true);
    trouble(nodes, null, "fails");
    await expect(raid.has(key)).rejects.toMatchObject({ code: "BLOCK_STORE_FAILED" });
    trouble(nodes);
    await nodes[1]?.delete(key);
    expect(await raid.has(key)).toBe(false);
  });
});
