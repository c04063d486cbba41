import { createParsec, type Session } from "@parsec/client";
import { ready } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import {
  type DumpOperation,
  type LoadedOrganization,
  loadDump,
  localDevice,
  readDump,
  readVector,
} from "../support/organization-dump.ts";

// Every rule of certificates against a server over HTTP that lets each of them be broken: what it serves beside the
// honest certificates is signed by members, and against one rule.

interface Case {
  readonly name: string;
  readonly base: string;
  /** What bob is told, by its name of spec 09a §4.13. */
  readonly bob: string;
  readonly operations: readonly DumpOperation[];
}

const { cases } = readVector<{ cases: readonly Case[] }>("invalid-certificates.json");
let server: RunningServer;
const organizations = new Map<string, LoadedOrganization>();

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true });
  for (const base of new Set(cases.map((each) => each.base))) {
    organizations.set(base, await loadDump(server.url, readDump(base)));
  }
});
afterEach(() => server.hostile?.clear());
afterAll(() => server.close());

/** A device that knows nothing yet. */
async function login(base: string, label: string): Promise<Session> {
  const organization = organizations.get(base);
  if (organization === undefined) throw new Error("not loaded");
  const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
  const session = await parsec.login(localDevice(readDump(base), label, organization));
  onTestFinished(async () => {
    await session.close();
    await parsec.close();
  });
  return session;
}

// That server gives the shares of recoveries to everybody, so that none is missing: the rules' own tests have that case.
const served = cases.filter(({ name }) => name !== "share for nobody");

test.each(served)("$name: $bob, and nothing is kept of it", async ({ base, operations, bob: rule }) => {
  const session = await login(base, "Boby");
  server.hostile?.add({ kind: "serve_operations", operations });
  await expect(session.refresh()).rejects.toMatchObject({
    code: "INVALID_CERTIFICATE",
    violation: { rule: rule.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase() },
  });
  expect(session.users.list()).toEqual([]);
  server.hostile?.clear();
  await session.refresh();
  expect(session.users.list().length).toBeGreaterThan(1);
});
