import { readdir } from "node:fs/promises";
import { ready } from "@parsec/crypto";
import { afterEach, beforeAll, expect, test } from "vitest";
import { BlockLoad } from "../support/block-load.ts";
import { Load } from "../support/load.ts";
import { ServerProcess } from "../support/server-process.ts";
import { newSqliteFile } from "../support/stores.ts";

beforeAll(() => ready());

let server: ServerProcess | undefined;
afterEach(() => server?.kill());

test("a server that is killed again and again while it creates blocks loses none that it acknowledged", async () => {
  const file = newSqliteFile();
  server = await ServerProcess.start(`sqlite:${file}`, `file:${file}-blocks`);
  const load = new BlockLoad(await Load.prepare([server.url]));
  let isDone = false;
  const writing = Array.from({ length: 4 }, async () => {
    while (!isDone) await load.create();
  });
  for (let round = 1; round <= 3; round += 1) {
    while (load.acknowledged.size < round * 20) await new Promise((resolve) => setImmediate(resolve));
    await server.kill();
    await server.restart();
  }
  isDone = true;
  await Promise.all(writing);
  expect(await load.lost()).toEqual([]);
  // What was lost on the way, between bytes and row or before, is created by asking again.
  await load.createRest();
  expect(await load.lost()).toEqual([]);
  const files = await readdir(`${file}-blocks`, { recursive: true, withFileTypes: true });
  expect(files.filter((each) => each.isFile()).length).toBeGreaterThanOrEqual(load.acknowledged.size);
}, 180_000);
