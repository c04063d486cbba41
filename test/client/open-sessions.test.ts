import { createAccount, sendCreationCode } from "@parsec/account";
import { type ClientEvent, createParsec, type Parsec } from "@parsec/client";
import { createTransport } from "@parsec/connection";
import { KeyDerivation, ready } from "@parsec/crypto";
import { keyring, memoryDeviceStore, memoryKeyring, password, saveDevice } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, type StorageDriver } from "@parsec/storage";
import { HumanHandle, parseServerHttpUrl } from "@parsec/types";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { newLocalDevice } from "../support/local-device.ts";

// What is open in one Parsec: one session for a device, however often and from however many places it logs in.

const protection = keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });

let storage: StorageDriver;
let parsec: Parsec;
let server: RunningServer;

beforeAll(async () => {
  await ready();
  server = await startServer({ dev: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  storage = memoryDriver();
  parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage, sync: "manual" });
});
afterEach(async () => {
  for (const session of parsec.sessions()) await session.close();
  await parsec.close();
});

test("a login of an open device gives its session, and closing it ends that", async () => {
  const [alice, bob] = [newLocalDevice(), newLocalDevice()];
  const [first, second, third] = await Promise.all([parsec.login(alice), parsec.login(alice), parsec.login(bob)]);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
  expect(await parsec.login(alice)).toBe(first);
  expect(parsec.sessions()).toEqual([first, third]);

  const closing = first.close();
  expect(first.isOpen).toBe(false);
  expect(parsec.sessions()).toEqual([third]);
  const [again] = await Promise.all([parsec.login(alice), closing]);
  expect(again).not.toBe(first);
  expect(again.isOpen).toBe(true);
  expect(parsec.sessions()).toEqual([third, again]);
});

test("who does not unlock the device does not get its session", async () => {
  const deviceStore = memoryDeviceStore();
  const own = await createParsec({ deviceStore, storage, sync: "manual" });
  const device = newLocalDevice();
  await saveDevice(deviceStore, device, protection);
  const session = await own.login(device.deviceId, protection);
  await expect(own.login(device.deviceId, password("a guess"))).rejects.toMatchObject({ code: "BAD_ACCESS_STRATEGY" });
  expect(await own.login(device.deviceId, protection)).toBe(session);
  await session.close();
  await own.close();
});

test("an abort or a failure of one login is not that of another that waits with it", async () => {
  const device = newLocalDevice();
  const taken = await storage.openDevice(device.deviceId);
  const abort = new AbortController();
  const first = parsec.login(device, { wait: true, signal: abort.signal });
  const impatient = parsec.login(device);
  const second = parsec.login(device, { wait: true });
  const third = parsec.login(device, { wait: true, signal: AbortSignal.abort(new Error("third")) });
  await expect(third).rejects.toThrow("third");
  abort.abort(new Error("first"));
  await expect(first).rejects.toThrow("first");
  await expect(impatient).rejects.toMatchObject({ code: "DEVICE_IN_USE" });
  await taken.close();
  const session = await second;
  expect(parsec.sessions()).toEqual([session]);
});

test("another Parsec on the same folder finds the device in use", async () => {
  const device = newLocalDevice();
  await parsec.login(device);
  const other = await createParsec({ deviceStore: memoryDeviceStore(), storage, sync: "manual" });
  await expect(other.login(device)).rejects.toMatchObject({ code: "DEVICE_IN_USE" });
  expect(other.sessions()).toEqual([]);
  await other.close();
});

test("the events of all sessions, from the first to the last, with their session", async () => {
  const seen: [string, string][] = [];
  const closed: string[] = [];
  const stop = parsec.events.onAny((event, session) => seen.push([event.type, session.deviceId]));
  parsec.events.on("session_closed", ({ deviceId }) => closed.push(deviceId));
  const alice = await parsec.login(newLocalDevice());
  const events: ClientEvent[] = [];
  const reading = (async () => {
    for await (const event of alice.events) events.push(event);
  })();
  const bob = await parsec.login(newLocalDevice());
  await bob.workspaces.create("Docs");
  await alice.close();
  await alice.close();
  await reading;
  expect(events.at(-1)).toEqual({ type: "session_closed", deviceId: alice.deviceId });
  expect(seen.filter(([type]) => type.startsWith("session_") || type.startsWith("workspace_"))).toEqual([
    ["session_started", alice.deviceId],
    ["session_started", bob.deviceId],
    ["workspace_created_locally", bob.deviceId],
    ["session_closed", alice.deviceId],
  ]);
  stop();
  await bob.close();
  expect(closed).toEqual([alice.deviceId, bob.deviceId]);
  expect(seen.at(-1)?.[1]).toBe(alice.deviceId);
});

test("a session that synchronizes starts with session_started, and misses nothing after it", async () => {
  const own = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver() });
  const seen: string[] = [];
  own.events.onAny(({ type }) => seen.push(type));
  const session = await own.login(newLocalDevice());
  await session.close();
  expect(seen[0]).toBe("session_started");
  expect(seen).toContain("missed_server_events");
  await own.close();
});

test("the accounts that are logged in", async () => {
  const humanHandle = HumanHandle.parse("alice@example.com", "Alice");
  const transport = createTransport();
  const reached = { address: parseServerHttpUrl(server.url), transport };
  await sendCreationCode(reached, humanHandle.email);
  const code = /^[A-Z2-9]{6}$/m.exec(server.mailbox?.received(humanHandle.email).at(-1)?.text ?? "")?.[0] ?? "";
  const masterSecret = KeyDerivation.generate();
  await createAccount(reached, { humanHandle, code, credentials: { masterSecret } });

  expect(parsec.accounts()).toEqual([]);
  const wrong = parsec.logInToAccount(server.url, { masterSecret: KeyDerivation.generate() });
  await expect(wrong).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });
  const first = await parsec.logInToAccount(server.url, { masterSecret });
  const second = await parsec.logInToAccount(reached.address, { masterSecret });
  expect(second).not.toBe(first);
  expect(parsec.accounts()).toEqual([first, second]);
  await first.logOut();
  expect(first.isLoggedIn).toBe(false);
  expect(parsec.accounts()).toEqual([second]);
  await second.logOut();
  expect(parsec.accounts()).toEqual([]);
  await transport.close();
});

test("the end of the Parsec closes what is open or being opened", async () => {
  const first = await parsec.login(newLocalDevice());
  const opening = parsec.login(newLocalDevice());
  await parsec.close();
  const second = await opening;
  expect([first.isOpen, second.isOpen]).toEqual([false, false]);
  expect(parsec.sessions()).toEqual([]);
});
