import { SettableClock } from "@parsec/base";
import { afterEach, expect, test } from "vitest";
import { MemoryBlockStore } from "../../src/block-store/memory.ts";
import { type BlockStore, BlockStoreError } from "../../src/block-store/port.ts";
import { Readiness } from "../../src/http/readiness.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";
import { createStore, createStrictStore } from "../support/stores.ts";

let server: RunningServer | undefined;
afterEach(async () => await server?.close());

async function get(path: string) {
  const response = await fetch(`${server?.url}${path}`);
  return { status: response.status, json: (await response.json()) as unknown };
}

/** A block store whose `has` does that. */
function answering(has: BlockStore["has"]): BlockStore {
  return Object.assign(new MemoryBlockStore(), { has });
}

const open = { isClosed: false };

test("a server that works is healthy and ready, and nobody needs a token to ask", async () => {
  server = await startTestServer({ administrationToken: "secret" });
  expect(await get("/health")).toEqual({ status: 200, json: { status: "ok" } });
  expect(await get("/ready")).toEqual({
    status: 200,
    json: { status: "ready", database: "ok", block_store: "ok" },
  });
  expect((await fetch(`${server.url}/ready`, { method: "POST" })).status).toBe(405);
});

test("a block store that fails, then works again", async () => {
  let fails = true;
  const blockStore = answering(async () => {
    if (fails) throw new BlockStoreError("BLOCK_STORE_FAILED", "Away");
    return false;
  });
  server = await startTestServer({ dev: true, blockStore });
  expect(await get("/ready")).toEqual({
    status: 503,
    json: { status: "not_ready", database: "ok", block_store: "unavailable" },
  });
  // The process is alive all the same: restarting it would not help.
  expect((await get("/health")).status).toBe(200);
  fails = false;
  expect((await get("/ready")).status).toBe(200);
});

test("a database that fails", async () => {
  const store = await createStrictStore();
  server = await startTestServer({ dev: true, store });
  await store.close();
  const { status, json } = await get("/ready");
  expect([status, json]).toEqual([503, { status: "not_ready", database: "unavailable", block_store: "ok" }]);
});

test("what does not answer is away after five seconds, and is no longer waited for", async () => {
  const clock = new SettableClock(0);
  let asked: (signal: AbortSignal | undefined) => void = () => undefined;
  const wasAsked = new Promise<AbortSignal | undefined>((resolve) => {
    asked = resolve;
  });
  const blockStore = answering(async (_key, options) => {
    asked(options?.signal);
    return await new Promise<never>(() => undefined);
  });
  const store = await createStore();
  const readiness = new Readiness({ store, blockStore }, open, clock);
  const report = readiness.report();
  const signal = await wasAsked;
  clock.advance(5_000_000);
  expect(await report).toMatchObject({ status: "not_ready", block_store: "unavailable" });
  expect(signal?.aborted).toBe(true);
  await store.close();
});

test("however many ask at once, ports are asked once", async () => {
  let asked = 0;
  let answer: (has: boolean) => void = () => undefined;
  const blockStore = answering(async () => {
    asked += 1;
    return await new Promise<boolean>((resolve) => {
      answer = resolve;
    });
  });
  const store = await createStore();
  const readiness = new Readiness({ store, blockStore }, open, new SettableClock(0));
  const reports = Array.from({ length: 50 }, () => readiness.report());
  answer(false);
  expect(new Set((await Promise.all(reports)).map(({ status }) => status))).toEqual(new Set(["ready"]));
  expect(asked).toBe(1);
  const again = readiness.report();
  answer(false);
  await again;
  expect(asked).toBe(2);
  await store.close();
});

test("a server that stops says so", async () => {
  const store = await createStore();
  const readiness = new Readiness(
    { store, blockStore: new MemoryBlockStore() },
    { isClosed: true },
    new SettableClock(0),
  );
  expect(await readiness.report()).toMatchObject({ status: "stopping", database: "ok" });
  await store.close();
});
