import { createParsec, type Parsec, type Session } from "@parsec/client";
import { type DeviceStore, keyring, memoryDeviceStore, memoryKeyring } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, StorageError } from "@parsec/storage";
import type { DeviceId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { greetWholly, Telephone } from "../support/greeting-people.ts";
import { type Tamper, tamperingTransport } from "../support/tampering-transport.ts";

// Nothing irreversible on unproved evidence: proxies and portals answer 403 and 404 too, and even the server may be
// mistaken. Whatever is answered, the file of a device that was asked for stays, and is found in a list.

let server: RunningServer;
let organizations = 0;

beforeAll(async () => {
  server = await startServer({ dev: true });
});
afterAll(() => server.close());

const newProtection = () => keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });
const protection = newProtection();
const alice = { human: { email: "alice@example.com", label: "Alice" }, deviceLabel: "laptop", protection };

interface Computer {
  readonly parsec: Parsec;
  readonly tampers: Record<string, Tamper>;
  readonly deviceStore: DeviceStore;
}

async function newComputer(): Promise<Computer> {
  const tampers: Record<string, Tamper> = {};
  const transport = tamperingTransport(tampers);
  onTestFinished(() => transport.close());
  const deviceStore = memoryDeviceStore();
  const parsec = await createParsec({ deviceStore, storage: memoryDriver(), transport, sync: "manual" });
  return { parsec, tampers, deviceStore };
}

function newOrganization(): Promise<string> {
  organizations += 1;
  return server.createOrganization(`Prepared${organizations}`);
}

const idsOf = (devices: readonly { readonly deviceId: DeviceId }[]) => devices.map(({ deviceId }) => deviceId);

async function lists({ parsec }: Computer) {
  const all = [parsec.devices(), parsec.unconfirmedDevices(), parsec.refusedDevices()] as const;
  const [ready, unconfirmed, refused] = await Promise.all(all);
  return { ready: idsOf(ready), unconfirmed: idsOf(unconfirmed), refused: idsOf(refused) };
}

/** A way to ask the server for a device: what it takes, and how it is done on a computer. */
interface Way {
  readonly name: string;
  /** The request that creates the device. */
  readonly command: string;
  readonly prepare: () => Promise<(computer: Computer) => Promise<unknown>>;
}

async function aliceSession(): Promise<Session> {
  const { parsec } = await newComputer();
  const session = await parsec.bootstrap(await newOrganization(), alice);
  onTestFinished(() => session.close());
  return session;
}

const ways: readonly Way[] = [
  {
    name: "bootstrap",
    command: "organization_bootstrap",
    prepare: async () => {
      const address = await newOrganization();
      return ({ parsec }) => parsec.bootstrap(address, alice);
    },
  },
  {
    name: "recover",
    command: "device_create",
    prepare: async () => {
      const { bytes, passphrase } = await (await aliceSession()).exportRecoveryDevice("recovery");
      return ({ parsec }) => parsec.recover(bytes, passphrase, { deviceLabel: "new", protection });
    },
  },
];

/** What something between may answer; the last ones as Parsec does, but for one of its marks. */
const impostors: readonly Exclude<Tamper, string | ((reply: Uint8Array) => Uint8Array)>[] = [
  ...[401, 403, 404, 410, 415, 422, 460, 461, 462, 463, 464, 498].map((status) => ({
    status,
    headers: { "content-type": "text/html", server: "nginx" },
  })),
  { status: 403, headers: { "content-type": "application/json" } },
  { status: 404, headers: { "content-type": "text/html", "api-version": "5.5" } },
  { status: 404, headers: { "content-type": "application/json", "api-version": "latest" } },
  { status: 200, headers: { "content-type": "text/html" } },
];
const parsecHeaders = { "content-type": "application/json", "api-version": "5.5" };

const named = impostors.map((tamper) => [`${tamper.status} ${JSON.stringify(tamper.headers)}`, tamper] as const);

describe.each(ways)("$name", ({ command, prepare }) => {
  test.each(named)("is answered %s: the device waits", async (_name, tamper) => {
    const attempt = await prepare();
    const computer = await newComputer();
    computer.tampers[command] = tamper;
    await expect(attempt(computer)).rejects.toMatchObject({ name: expect.stringMatching(/Error$/) });
    expect(await lists(computer)).toEqual({ ready: [], unconfirmed: [expect.any(String)], refused: [] });
  });

  test.each(named)(
    "was answered by nobody, and the question whether it exists by %s: it waits",
    async (_name, tamper) => {
      const attempt = await prepare();
      const computer = await newComputer();
      Object.assign(computer.tampers, { [command]: "lose_reply", organization_info: tamper });
      await expect(attempt(computer)).rejects.toMatchObject({ code: "OFFLINE" });
      const [deviceId] = (await lists(computer)).unconfirmed;
      if (deviceId === undefined) throw new Error("the device is lost");
      const { host } = new URL(server.url);
      await expect(computer.parsec.login(deviceId, protection)).rejects.toThrow(tamper.status === 422 ? "API" : host);
      expect(await lists(computer)).toEqual({ ready: [], unconfirmed: [deviceId], refused: [] });

      delete computer.tampers["organization_info"];
      await (await computer.parsec.login(deviceId, protection)).close();
      expect(await lists(computer)).toEqual({ ready: [deviceId], unconfirmed: [], refused: [] });
    },
  );

  test("is refused by the server itself: set aside, listed, and asked again by a login", async () => {
    const attempt = await prepare();
    const computer = await newComputer();
    computer.tampers[command] = {
      status: 404,
      headers: { ...parsecHeaders, "content-type": "application/json; charset=utf-8" },
    };
    await expect(attempt(computer)).rejects.toMatchObject({ code: "ORGANIZATION_NOT_FOUND", isFromParsec: true });
    const { refused, ...others } = await lists(computer);
    expect([refused, others]).toEqual([[expect.any(String)], { ready: [], unconfirmed: [] }]);
    const [deviceId] = refused;
    if (deviceId === undefined) throw new Error("the device is lost");
    await expect(computer.parsec.login(deviceId, protection)).rejects.toMatchObject({ code: "DEVICE_REFUSED" });
    await expect(computer.parsec.login(deviceId, newProtection())).rejects.toMatchObject({ code: "KEYRING_ERROR" });
    expect((await lists(computer)).refused).toEqual([deviceId]);
  });

  test("was made, and the server forgets it for a while: the file comes back", async () => {
    const attempt = await prepare();
    const computer = await newComputer();
    Object.assign(computer.tampers, {
      [command]: "lose_reply",
      organization_info: { status: 403, headers: parsecHeaders },
    });
    await expect(attempt(computer)).rejects.toMatchObject({ code: "OFFLINE" });
    const [deviceId] = (await lists(computer)).unconfirmed;
    if (deviceId === undefined) throw new Error("the device is lost");
    await expect(computer.parsec.login(deviceId, protection)).rejects.toMatchObject({ code: "DEVICE_REFUSED" });
    expect(await lists(computer)).toEqual({ ready: [], unconfirmed: [], refused: [deviceId] });
    delete computer.tampers["organization_info"];
    await (await computer.parsec.login(deviceId, protection)).close();
    expect(await lists(computer)).toEqual({ ready: [deviceId], unconfirmed: [], refused: [] });
  });

  test.each([461, 462, 463])("was made, and its user is refused with %i by the server: it exists", async (status) => {
    const attempt = await prepare();
    const computer = await newComputer();
    Object.assign(computer.tampers, { [command]: "lose_reply", organization_info: { status, headers: parsecHeaders } });
    await expect(attempt(computer)).rejects.toMatchObject({ code: "OFFLINE" });
    const [deviceId] = (await lists(computer)).unconfirmed;
    if (deviceId === undefined) throw new Error("the device is lost");
    await (await computer.parsec.login(deviceId, protection)).close();
    expect((await lists(computer)).ready).toEqual([deviceId]);
  });

  test("a refused device is removed on demand only", async () => {
    const attempt = await prepare();
    const computer = await newComputer();
    computer.tampers[command] = { status: 404, headers: parsecHeaders };
    await expect(attempt(computer)).rejects.toThrow();
    const [refused] = await computer.parsec.refusedDevices();
    if (refused === undefined) throw new Error("the device is lost");
    await computer.parsec.removeDevice(refused);
    expect(await lists(computer)).toEqual({ ready: [], unconfirmed: [], refused: [] });
    expect(await computer.deviceStore.list("devices", "refused")).toEqual([]);
  });

  test("finds out that no database can be made before the server is asked", async () => {
    const attempt = await prepare();
    const tampers: Record<string, Tamper> = {};
    const transport = tamperingTransport(tampers);
    onTestFinished(() => transport.close());
    const broken = {
      ...memoryDriver(),
      check: () => Promise.reject(new StorageError("NATIVE_MODULE_MISSING", "no module")),
    };
    const deviceStore = memoryDeviceStore();
    const parsec = await createParsec({ deviceStore, storage: broken, transport, sync: "manual" });
    const failed = { parsec, tampers, deviceStore };
    await expect(attempt(failed)).rejects.toMatchObject({ code: "NATIVE_MODULE_MISSING" });
    expect(await lists(failed)).toEqual({ ready: [], unconfirmed: [], refused: [] });
    // The link, or the file, is as good as before.
    const computer = await newComputer();
    await attempt(computer);
    expect((await lists(computer)).ready).toHaveLength(1);
  });
});

describe("bootstrap", () => {
  test("a link that says TLS by mistake fails; the right link then works, and what waits names its server", async () => {
    const right = await newOrganization();
    const wrong = right.replace(/[?&]no_ssl=true/, (found) => (found.startsWith("?") ? "?" : ""));
    expect(wrong).not.toBe(right);
    const computer = await newComputer();
    await expect(computer.parsec.bootstrap(wrong, alice)).rejects.toMatchObject({ code: "OFFLINE" });
    const session = await computer.parsec.bootstrap(right, alice);
    onTestFinished(() => session.close());
    expect(await computer.parsec.unconfirmedDevices()).toMatchObject([{ serverAddress: { useSsl: true } }]);
    expect(await computer.parsec.devices()).toMatchObject([{ serverAddress: { useSsl: false } }]);
  });

  test("was sent twice by something between: the organization is ours all the same", async () => {
    const address = await newOrganization();
    const first = await newComputer();
    first.tampers["organization_bootstrap"] = "send_twice";
    const session = await first.parsec.bootstrap(address, alice);
    onTestFinished(() => session.close());
    expect(await lists(first)).toEqual({ ready: [session.deviceId], unconfirmed: [], refused: [] });
  });

  test("of an organization that somebody else has bootstrapped: refused, and kept", async () => {
    const address = await newOrganization();
    await (await (await newComputer()).parsec.bootstrap(address, alice)).close();
    const late = await newComputer();
    await expect(late.parsec.bootstrap(address, alice)).rejects.toMatchObject({
      code: "ORGANIZATION_ALREADY_BOOTSTRAPPED",
    });
    expect(await lists(late)).toEqual({ ready: [], unconfirmed: [], refused: [expect.any(String)] });
  });

  test("the own user is known before anything was fetched", async () => {
    const { parsec } = await newComputer();
    const session = await parsec.bootstrap(await newOrganization(), alice);
    onTestFinished(() => session.close());
    const known = { id: session.userId, humanHandle: alice.human, profile: "ADMIN", revokedOn: undefined };
    expect(session.users.self).toMatchObject({ ...known, createdOn: undefined });
    await session.refresh();
    expect(session.users.self).toMatchObject({ ...known, createdOn: expect.any(Number) });
  });
});

describe("a claimer", () => {
  test("whose databases cannot be made is told before the greeter makes the user", async () => {
    const session = await aliceSession();
    const { token, link } = await session.invitations.inviteUser("bob@example.com");
    const telephone = new Telephone();
    const abort = new AbortController();
    const greeting = greetWholly(session, token, { telephone, signal: abort.signal });
    const transport = tamperingTransport({});
    onTestFinished(() => transport.close());
    const storage = {
      ...memoryDriver(),
      check: () => Promise.reject(new StorageError("NATIVE_MODULE_MISSING", "no module")),
    };
    const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage, transport, sync: "manual" });
    const invitation = await parsec.openInvitation(link);
    if (invitation.type !== "USER") throw new Error("not for a user");
    const choosing = await invitation.meet();
    const code = await telephone.hear("greeter");
    const right = choosing.greeterSasChoices.find((choice) => choice === code);
    if (right === undefined) throw new Error("the code is not among the choices");
    const showing = await choosing.choose(right);
    telephone.say("claimer", showing.claimerSas);
    const claim = await showing.waitPeerTrust();
    await expect(claim.claim({ ...alice, human: { email: "bob@example.com", label: "Bob" } })).rejects.toMatchObject({
      code: "NATIVE_MODULE_MISSING",
    });
    abort.abort(new Error("enough"));
    await expect(greeting).rejects.toThrow("enough");
    await session.refresh();
    expect(session.users.list()).toHaveLength(1);
  });
});
