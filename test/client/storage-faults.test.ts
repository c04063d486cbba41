import { createParsec, type Session } from "@parsec/client";
import { ready } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { strictDriver } from "@parsec/storage";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { loadDump, localDevice, readDump } from "../support/organization-dump.ts";

// A storage that fails, or dies, at each write of the first refresh of a session.

const dump = readDump("coolorg.json");
let server: RunningServer;

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

/** The certificates, then the list of workspaces. */
const writes = 2;

async function setUp() {
  const storage = strictDriver();
  const organization = await loadDump(server.url, dump);
  const ports = { deviceStore: memoryDeviceStore(), storage, sync: "manual" } as const;
  const start = async () => {
    const parsec = await createParsec(ports);
    onTestFinished(() => parsec.close());
    return parsec;
  };
  const parsec = await start();
  const device = localDevice(dump, "Alicey", organization);
  const login = async (by = parsec) => {
    const session = await by.login(device);
    onTestFinished(() => session.close());
    return session;
  };
  return { storage, login, start, device, parsec };
}

function expectAll(session: Session): void {
  expect(session.users.list()).toHaveLength(3);
  expect(session.workspaces.list()).toMatchObject([{ name: "wksp1" }]);
}

test("a first refresh has that many writes", async () => {
  const { storage, login } = await setUp();
  const session = await login();
  storage.plan();
  await session.refresh();
  expect(storage.writes).toBe(writes);
});

describe.each(Array.from({ length: writes }, (_, i) => i + 1))("write %i", (write) => {
  test("is refused for want of space: typed error, and the same again succeeds", async () => {
    const { storage, login } = await setUp();
    const session = await login();
    storage.plan({ failAtWrite: write });
    await expect(session.refresh()).rejects.toMatchObject({ code: "STORAGE_FULL" });
    expect(session.workspaces.list()).toEqual([]);
    await session.refresh();
    expectAll(session);
    await session.close();
    expectAll(await login());
  });

  test.each([false, true])("is the last before a power cut (stored: %s): the next login goes on", async (stored) => {
    const { storage, login, start } = await setUp();
    const session = await login();
    storage.plan({ dieAtWrite: write, storedBeforeDeath: stored });
    await expect(session.refresh()).rejects.toThrow();
    storage.plan();
    const again = await login(await start());
    await again.refresh();
    expectAll(again);
  });
});

test("a stored certificate that cannot be read is told, and fetched again when asked to", async () => {
  const { storage, login, device, parsec } = await setUp();
  const session = await login();
  await session.refresh();
  await session.close();
  const databases = await storage.openDevice(device.deviceId);
  const row = { type: "user_certificate", filter1: null, filter2: null, timestamp: 1, blob: new Uint8Array(100) };
  await databases.certificates.apply([{ kind: "insert_certificate", row }]);
  await databases.close();

  await expect(login()).rejects.toMatchObject({ code: "STORAGE_CORRUPTED" });
  const again = await parsec.login(device, { refetchCertificates: true });
  onTestFinished(() => again.close());
  await again.refresh();
  expectAll(again);
});
