import { ready } from "@parsec/crypto";
import { afterEach, beforeAll, expect, test } from "vitest";
import { Load } from "../support/load.ts";
import { ServerProcess } from "../support/server-process.ts";
import { newSqliteFile } from "../support/stores.ts";

beforeAll(() => ready());

let server: ServerProcess | undefined;
afterEach(() => server?.kill());

test("a server on a file that is killed again and again loses nothing that it acknowledged", async () => {
  server = await ServerProcess.start(`sqlite:${newSqliteFile()}`);
  const load = await Load.prepare([server.url]);
  let isDone = false;
  const watching = load.watch(() => isDone);
  const writing = Array.from({ length: 4 }, async (_, writer) => {
    for (let index = writer; !isDone; index += 4) await load.write(index);
  });
  for (let round = 1; round <= 4; round += 1) {
    await load.enough(round * 30);
    await server.kill();
    await server.restart();
  }
  isDone = true;
  await Promise.all(writing);
  expect(await watching).toBeGreaterThan(0);
  const { order, current } = await load.written();
  expect(current).toBe(order.length);
  expect([...load.acknowledged].filter((vlobId) => !order.includes(vlobId))).toEqual([]);
}, 180_000);
