import type { WorkspaceStore } from "@parsec/storage";
import { ChunkId } from "@parsec/types";
import { expect, test } from "vitest";
import { SentChunks } from "../../src/workspace/sync/sent-chunks.ts";

const [a, b, c, d] = Array.from({ length: 4 }, () => ChunkId.generate()) as [ChunkId, ChunkId, ChunkId, ChunkId];

/** A storage that notes what is marked, and fails while it is told to. */
function storage() {
  const marked: ChunkId[][] = [];
  const state = { isFull: false };
  const store = {
    markChunksSent: async (ids: Iterable<ChunkId>) => {
      if (state.isFull) throw new Error("full");
      marked.push([...ids]);
    },
    getChunkInfo: async (id: ChunkId) => ({ id, size: 1, sent: marked.flat().includes(id) }),
  };
  return { marked, state, sent: new SentChunks(store as unknown as WorkspaceStore) };
}

test("nobody else is at the same block meanwhile, and others are", async () => {
  const { sent } = storage();
  const order: string[] = [];
  let leave = () => {};
  const first = sent.alone(a, async () => {
    order.push("first");
    await new Promise<void>((resolve) => {
      leave = resolve;
    });
    order.push("first ends");
  });
  const second = sent.alone(a, async () => void order.push("second"));
  await sent.alone(b, async () => void order.push("another"));
  leave();
  await Promise.all([first, second]);
  expect(order).toEqual(["first", "another", "first ends", "second"]);
});

test("four are written down together, and what cannot be is kept for the next time", async () => {
  const { sent, marked, state } = storage();
  for (const id of [a, b, c]) await sent.add(id);
  expect(marked).toEqual([]);
  state.isFull = true;
  await expect(sent.add(d)).rejects.toThrow("full");
  expect(await Promise.all([a, b, c, d].map((id) => sent.has(id)))).toEqual([true, true, true, true]);
  state.isFull = false;
  await sent.flush();
  await sent.flush();
  expect(marked).toEqual([[a, b, c, d]]);
  expect(await sent.has(a)).toBe(true);
});

test("what the server was found to have counts as sent, and is not written down", async () => {
  const { sent, marked } = storage();
  sent.addProved(a);
  await sent.flush();
  expect([await sent.has(a), await sent.has(b), marked]).toEqual([true, false, []]);
});
