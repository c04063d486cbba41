import { setImmediate } from "node:timers/promises";
import { SettableClock } from "@parsec/base";
import { expect, test } from "vitest";
import { BoundedBlockStore } from "../../src/block-store/bounded.ts";
import { contentOf, readBlock } from "../../src/block-store/content.ts";
import { MemoryBlockStore } from "../../src/block-store/memory.ts";
import { blockStoreContract, newKey } from "../support/block-store-contract.ts";
import { FaultyNode } from "../support/faulty-node.ts";

blockStoreContract(
  "as a server uses it",
  async () => new BoundedBlockStore(new MemoryBlockStore(), new SettableClock(0)),
);

const turns = async () => {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
};

test("no more than 32 operations are under way at once, reads and writes together", async () => {
  const inner = new FaultyNode();
  const store = new BoundedBlockStore(inner, new SettableClock(0));
  const block = new Uint8Array(10);
  const read = newKey();
  await store.put(read, block);
  inner.trouble = "hangs";
  const stop = new AbortController();
  const { signal } = stop;
  const going = Array.from({ length: 100 }, (_, index) =>
    index % 2 === 0 ? store.put(newKey(), block, { signal }) : readBlock(store, read, contentOf(block), { signal }),
  );
  await turns();
  expect(inner.underWay).toBe(32);
  stop.abort(new Error("enough"));
  const results = await Promise.allSettled(going);
  expect(results.every(({ status }) => status === "rejected")).toBe(true);
  inner.trouble = null;
  expect(await readBlock(store, read, contentOf(block))).toEqual(block);
});

test("a store that never answers is given up after a minute, and its place goes to the next", async () => {
  const clock = new SettableClock(0);
  const inner = new FaultyNode();
  const store = new BoundedBlockStore(inner, clock);
  const block = Uint8Array.of(1);
  inner.trouble = "hangs";
  const writing = Array.from({ length: 32 }, () => store.put(newKey(), block));
  await turns();
  const key = newKey();
  const next = store.put(key, block);
  inner.trouble = null;
  clock.advance(59_999);
  await turns();
  expect(await inner.has(key)).toBe(false);
  clock.advance(1);
  const late = { code: "BLOCK_STORE_FAILED", message: "The block store has not answered in time" };
  for (const each of writing) await expect(each).rejects.toMatchObject(late);
  await next;
  expect(await readBlock(store, key, contentOf(block))).toEqual(block);
});
