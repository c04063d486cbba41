import { type Clock, systemClock } from "@parsec/base";
import { createParsec, type Session } from "@parsec/client";
import { ready } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { hookedTransport } from "../support/hooked-transport.ts";
import { type LoadedOrganization, loadDump, localDevice, readDump } from "../support/organization-dump.ts";

// Two devices whose clocks differ by minutes, which a real server takes: what the later clock has dated, the other
// device must come after.

const dump = readDump("coolorg.json");
const minutes = 60_000_000;
let server: RunningServer;
let organization: LoadedOrganization;

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  organization = await loadDump(server.url, dump);
});

/** Alice, on a machine whose clock is ahead by so many microseconds. */
async function aliceAhead(micros: number) {
  const clock: Clock = {
    now: () => systemClock.now() + micros,
    timer: (delayMs, run) => systemClock.timer(delayMs, run),
  };
  const transport = hookedTransport();
  const parsec = await createParsec({
    deviceStore: memoryDeviceStore(),
    storage: memoryDriver(),
    sync: "manual",
    clock,
    transport,
  });
  const session = await parsec.login(localDevice(dump, "Alicey", organization));
  onTestFinished(async () => {
    await session.close();
    await parsec.close();
    await transport.close();
  });
  await session.refresh();
  return { session, transport };
}

function personOf(session: Session, email: string) {
  const found = session.users.list().find(({ humanHandle }) => humanHandle.email === email);
  if (found === undefined) throw new Error(email);
  return found.id;
}

test("a revocation after a change that is dated later is asked for again, with a later date", async () => {
  const [now, ahead] = [await aliceAhead(0), await aliceAhead(3 * minutes)];
  const bob = personOf(now.session, "bob@example.com");
  await ahead.session.users.updateProfile(personOf(now.session, "mallory@example.com"), "STANDARD");
  const last = systemClock.now() + 2 * minutes;
  await now.session.users.revoke(bob);
  expect(now.transport.sent.get("user_revoke")).toBe(2);
  await ahead.session.refresh();
  for (const { session } of [now, ahead]) {
    const { revokedOn = 0 } = session.users.get(bob) ?? {};
    expect(revokedOn).toBeGreaterThan(last);
  }
});

test("a name after a name that is dated later is asked for again, with a later date", async () => {
  const [now, ahead] = [await aliceAhead(0), await aliceAhead(3 * minutes)];
  const [first] = await ahead.session.workspaces.find("wksp1");
  const [second] = await now.session.workspaces.find("wksp1");
  await first?.rename("Later");
  await second?.rename("Last");
  expect(now.transport.sent.get("realm_rename")).toBe(2);
  await ahead.session.refresh();
  expect(ahead.session.workspaces.list()).toMatchObject([{ name: "Last" }]);
});

test("what would have to be dated further ahead than servers take is not done, and says so", async () => {
  const [behind, ahead] = [await aliceAhead(-3 * minutes), await aliceAhead(4 * minutes)];
  const bob = personOf(behind.session, "bob@example.com");
  await ahead.session.users.updateProfile(personOf(behind.session, "mallory@example.com"), "STANDARD");
  await expect(behind.session.users.revoke(bob)).rejects.toMatchObject({ code: "GREATER_TIMESTAMP_UNREACHABLE" });
  expect(behind.transport.sent.get("user_revoke")).toBe(1);
  await ahead.session.refresh();
  expect(ahead.session.users.get(bob)?.revokedOn).toBeUndefined();
});
