import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ready } from "@parsec/crypto";
import { blockCreate, vlobCreate } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { BlockId, encode, VlobId } from "@parsec/types";
import { expect, test } from "vitest";
import { EventListener } from "../packages/server/conformance/support/event-listener.ts";
import { expectStatus, type TestOrganization } from "../packages/server/conformance/support/organization.ts";
import { Target } from "../packages/server/conformance/support/target.ts";

// 50 organizations, 200 listeners, 16 writers, 10,000 writes, half of them vlobs whose events all listeners get.
const organizationCount = 50;
const listenersPerOrganization = 4;
const writers = 16;
const writes = 10_000;
const size = 1024;
/** Bytes that may stay after everything is closed: compiled code, caches of the runtime. */
const tolerance = 40 * 1024 * 1024;

/** Milliseconds. */
const timeout = 300_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapNow(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}

test("startServer is ready in 100 ms", async () => {
  await ready();
  const begin = performance.now();
  const server = await startServer({ dev: true });
  const elapsed = performance.now() - begin;
  await server.close();
  console.log(`startServer ready in ${elapsed.toFixed(1)} ms (bar 100)`);
  expect(elapsed).toBeLessThan(100);
});

interface Place {
  readonly org: TestOrganization;
  readonly realm: VlobId;
}

async function preparePlaces(target: Target): Promise<readonly Place[]> {
  const places: Place[] = [];
  for (let index = 0; index < organizationCount; index += 1) {
    const org = await target.organization();
    places.push({ org, realm: await org.createRealm(org.alice) });
  }
  return places;
}

/** Counts the vlob events that a listener gets, until its stream ends. */
async function count(listener: EventListener): Promise<number> {
  let events = 0;
  for (let frame = await listener.frame(); frame !== undefined; frame = await listener.frame()) {
    if (frame.id !== undefined) events += 1;
  }
  return events;
}

async function write({ org, realm }: Place, index: number): Promise<void> {
  const body = new Uint8Array(size).fill(index);
  // Each organization gets vlobs and blocks in turns.
  if (Math.floor(index / organizationCount) % 2 === 0) {
    expectStatus(await org.send(org.alice, vlobCreate, org.vlobFields(realm, { blob: body })), "ok");
  } else {
    const fields = { realmId: realm, blockId: BlockId.generate(), keyIndex: 1, block: body };
    expectStatus(await org.send(org.alice, blockCreate, fields), "ok");
  }
}

async function inParallel(task: (index: number) => Promise<void>): Promise<number> {
  let next = 0;
  const begin = performance.now();
  const worker = async () => {
    while (next < writes) await task(next++);
  };
  await Promise.all(Array.from({ length: writers }, worker));
  return (performance.now() - begin) / 1000;
}

async function echoSeconds(): Promise<number> {
  const server = createServer((request, response) => void request.pipe(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keyIndex = 1;
  const fields = { realmId: VlobId.generate(), blockId: BlockId.generate(), keyIndex, block: new Uint8Array(size) };
  const body = encode(blockCreate.request, { cmd: "block_create", ...fields });
  const seconds = await inParallel(async () => {
    await (await fetch(url, { method: "POST", body })).arrayBuffer();
  });
  server.closeAllConnections();
  server.close();
  return seconds;
}

async function load(server: RunningServer): Promise<number> {
  const target = await Target.connect(server.url, server.administrationToken);
  const places = await preparePlaces(target);
  const counts: Promise<number>[] = [];
  for (const { org } of places) {
    for (let index = 0; index < listenersPerOrganization; index += 1) {
      const listener = await EventListener.open(org, await org.addDevice(org.alice), { patience: timeout });
      counts.push(count(listener));
    }
  }
  const seconds = await inParallel(async (index) => {
    const place = places[index % places.length];
    if (place !== undefined) await write(place, index);
  });
  await server.close();
  const expected = writes / 2 / organizationCount;
  for (const [index, events] of (await Promise.all(counts)).entries()) {
    // The devices added after a listener are told to it too.
    const later = listenersPerOrganization - 1 - (index % listenersPerOrganization);
    expect(events).toBe(expected + later);
  }
  return seconds;
}

test("a load with listeners: no error, no lost event, memory returns", { timeout }, async () => {
  await ready();
  const before = heapNow();
  const seconds = await load(await startServer({ dev: true }));
  const echo = await echoSeconds();
  const left = heapNow() - before;
  console.log(
    `${writes} writes of ${size} B with ${organizationCount * listenersPerOrganization} listeners: ` +
      `${(writes / seconds).toFixed(0)} a second; a bare echo: ${(writes / echo).toFixed(0)} a second; ` +
      `${(left / 1024 / 1024).toFixed(1)} MiB more than before`,
  );
  expect(left).toBeLessThan(tolerance);
});
