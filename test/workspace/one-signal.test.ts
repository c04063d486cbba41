import { randomBytes } from "@parsec/base";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Actor, actors, workspaceOf } from "../support/two-devices.ts";

let server: RunningServer;
let people: readonly Actor[];

beforeAll(async () => {
  server = await startServer({ testbed: true });
  people = await actors(server, [
    ["Alice", 0],
    ["Alice", 1],
  ]);
});
afterAll(async () => {
  for (const person of people) await person.close();
  await server.close();
});

test("forty reads, writes and syncs with one signal print no warning", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on("warning", onWarning);
  const [alice, phone] = await Promise.all(people.map((person) => workspaceOf(person)));
  if (alice === undefined || phone === undefined) throw new Error("two devices");
  const { signal } = new AbortController();
  const contents = Array.from({ length: 40 }, () => randomBytes(20_000));
  const path = (k: number) => `/file ${k}`;
  await Promise.all(contents.map((content, k) => alice.writeFile(path(k), content, { signal })));
  await Promise.all(Array.from({ length: 40 }, () => alice.sync({ signal })));
  await phone.sync({ signal });
  // Nothing of their content is on this device: all are fetched.
  const read = contents.map(async (_content, k) => {
    const parts: Uint8Array[] = [];
    for await (const part of await phone.readFile(path(k), { signal })) parts.push(part);
    return Buffer.concat(parts);
  });
  expect((await Promise.all(read)).map((bytes) => bytes.toString("hex"))).toEqual(
    contents.map((content) => Buffer.from(content).toString("hex")),
  );
  // Warnings come with the next tick.
  await new Promise(setImmediate);
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
});
