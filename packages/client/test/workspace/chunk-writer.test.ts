import type { NewChunk } from "@parsec/storage";
import { ChunkId } from "@parsec/types";
import { expect, test } from "vitest";
import { ChunkWriter } from "../../src/workspace/content/chunk-writer.ts";

interface Transaction {
  readonly chunks: readonly NewChunk[];
  readonly end: (error?: Error) => void;
}

/** A store whose transactions end when told to. */
function slowStore(): { readonly transactions: Transaction[]; setChunks(chunks: readonly NewChunk[]): Promise<void> } {
  const transactions: Transaction[] = [];
  return {
    transactions,
    setChunks: (chunks) =>
      new Promise((resolve, reject) => {
        transactions.push({ chunks: [...chunks], end: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
  };
}

const chunk = (): NewChunk => ({ id: ChunkId.generate(), data: new Uint8Array(1) });
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("what comes while a transaction runs shares the next one, and each is told when its own is stored", async () => {
  const store = slowStore();
  const writer = new ChunkWriter(store);
  const [a, b, c, d] = [chunk(), chunk(), chunk(), chunk()];
  const stored: string[] = [];
  const write = async (name: string, chunks: readonly NewChunk[]) => {
    await writer.write(chunks);
    stored.push(name);
  };
  const all = [write("a", [a])];
  await turn();
  all.push(write("b", [b]), write("c", [c, d]));
  await turn();
  expect(store.transactions.map(({ chunks }) => chunks)).toEqual([[a]]);
  store.transactions[0]?.end();
  await turn();
  expect(stored).toEqual(["a"]);
  expect(store.transactions.map(({ chunks }) => chunks)).toEqual([[a], [b, c, d]]);
  store.transactions[1]?.end();
  await Promise.all(all);
  expect(stored).toEqual(["a", "b", "c"]);
});

test("a failure is that of all who share the transaction, and of nobody else", async () => {
  const store = slowStore();
  const writer = new ChunkWriter(store);
  const failure = new Error("full");
  const outcomes = Promise.allSettled([writer.write([chunk()]), writer.write([chunk()])]);
  await turn();
  store.transactions[0]?.end(failure);
  expect(await outcomes).toEqual([
    { status: "rejected", reason: failure },
    { status: "rejected", reason: failure },
  ]);
  const next = writer.write([chunk()]);
  await turn();
  expect(store.transactions[1]?.chunks).toHaveLength(1);
  store.transactions[1]?.end();
  await next;
});

test("nothing to write is written at once", async () => {
  const store = slowStore();
  await new ChunkWriter(store).write([]);
  expect(store.transactions).toEqual([]);
});
