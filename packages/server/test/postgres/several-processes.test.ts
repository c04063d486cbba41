import { ready } from "@parsec/crypto";
import { afterEach, beforeAll, expect, test } from "vitest";
import { Load } from "../support/load.ts";
import { ServerProcess } from "../support/server-process.ts";
import { createDatabase } from "../support/stores.ts";

beforeAll(() => ready());

// The long form: LOAD_WRITES=10000 LOAD_LISTENERS=200.
const writes = Number(process.env["LOAD_WRITES"] ?? 150);
const listeners = Number(process.env["LOAD_LISTENERS"] ?? 6);

const servers: ServerProcess[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.kill()));
});

test.each([2, 3])(
  "%i processes are one server: nobody loses an event, hears one twice, or in another order",
  async (count) => {
    const db = await createDatabase();
    for (let index = 0; index < count; index += 1) servers.push(await ServerProcess.start(db));
    const load = await Load.prepare(servers.map(({ url }) => url));
    const heard = await load.run(writes, { writers: 8, listeners });
    const { order, current } = await load.written();
    expect([order.length, current]).toEqual([writes, writes]);
    for (const { vlobs, missed } of heard) {
      expect(missed).toBe(0);
      expect(vlobs).toEqual(order);
    }
  },
  3_600_000,
);

test("a process that is killed loses nothing that it acknowledged, and holds nobody up", async () => {
  const db = await createDatabase();
  servers.push(await ServerProcess.start(db), await ServerProcess.start(db));
  const [victim] = servers;
  const load = await Load.prepare(servers.map(({ url }) => url));
  let isDone = false;
  const watching = load.watch(() => isDone);
  const writing = Array.from({ length: 8 }, async (_, writer) => {
    for (let index = writer; !isDone; index += 8) await load.write(index);
  });
  for (let round = 1; round <= 4; round += 1) {
    await load.enough(round * 40);
    await victim?.kill();
    // The other one goes on alone.
    await load.enough(round * 40 + 20);
    await victim?.restart();
  }
  isDone = true;
  await Promise.all(writing);
  expect(await watching).toBeGreaterThan(0);
  const { order, current } = await load.written();
  expect(current).toBe(order.length);
  expect([...load.acknowledged].filter((vlobId) => !order.includes(vlobId))).toEqual([]);
}, 180_000);
