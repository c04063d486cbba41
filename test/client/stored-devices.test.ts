import { SettableClock } from "@parsec/base";
import { createParsec, type Parsec, password, type Session } from "@parsec/client";
import {
  type AvailableDevice,
  keyring,
  memoryDeviceStore,
  memoryKeyring,
  oneTimePassword,
  type TotpSecret,
  withTotp,
} from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { DeviceId, formatAddress, serverAddress } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";

// What is done to devices that are not logged in: set aside, protected otherwise, moved, freed.

let server: RunningServer;
let organizations = 0;

beforeAll(async () => {
  server = await startServer({ dev: true });
});
afterAll(() => server.close());

const newProtection = () => keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });
const [protection, next] = [newProtection(), newProtection()];
const deviceStore = memoryDeviceStore();
let parsec: Parsec;
let session: Session;
let device: AvailableDevice;

beforeEach(async () => {
  organizations += 1;
  for (const path of await deviceStore.list("devices", "keys")) await deviceStore.remove(path);
  parsec = await createParsec({ deviceStore, storage: memoryDriver(), sync: "manual" });
  onTestFinished(() => parsec.close());
  session = await parsec.bootstrap(await server.createOrganization(`Stored${organizations}`), {
    human: { email: "alice@example.com", label: "Alice" },
    deviceLabel: "laptop",
    protection,
  });
  onTestFinished(() => session.close());
  const [found] = await parsec.devices();
  if (found === undefined) throw new Error("no device");
  device = found;
});

describe("a device", () => {
  test("is set aside: listed no more, and whole", async () => {
    const path = await parsec.archiveDevice(device);
    expect(path).toBe(`${device.path}.archived`);
    expect(await parsec.devices()).toEqual([]);
    await deviceStore.rename(path, device.path);
    expect(await parsec.devices()).toEqual([device]);
  });

  test("gets another protection, and only that one opens it", async () => {
    await session.close();
    const changed = await parsec.changeProtection(device, protection, next);
    expect(changed).toMatchObject({ path: device.path, createdOn: device.createdOn });
    await expect(parsec.login(device.deviceId, protection)).rejects.toMatchObject({ code: "KEYRING_ERROR" });
    await (await parsec.login(device.deviceId, next)).close();
    await expect(parsec.changeProtection(device, protection, next)).rejects.toMatchObject({ code: "KEYRING_ERROR" });
    await expect(parsec.changeProtection(device, password("p"), next)).rejects.toMatchObject({
      code: "BAD_ACCESS_STRATEGY",
    });
  });

  test("moves with its server, given as text or parsed", async () => {
    await session.close();
    const moved = serverAddress("moved.example.com", { port: 8443 });
    expect(await parsec.overwriteServerAddress(device, protection, formatAddress(moved))).toEqual(device.serverAddress);
    expect(await parsec.devices()).toMatchObject([{ serverAddress: moved }]);
    expect(await parsec.overwriteServerAddress(device, protection, device.serverAddress)).toEqual(moved);
    expect(await parsec.overwriteServerAddress(device, protection, "https://moved.example.com:8443/")).toEqual(
      device.serverAddress,
    );
    expect(await parsec.overwriteServerAddress(device, protection, device.serverAddress)).toEqual(moved);
    await (await parsec.login(device.deviceId, protection)).refresh();
    await expect(parsec.overwriteServerAddress(device, protection, "nonsense")).rejects.toMatchObject({
      code: "INVALID_URL",
    });
  });

  test("loses its data and keeps its file; what is on the server comes back", async () => {
    await session.workspaces.create("Docs");
    await session.maintain();
    await expect(parsec.removeDeviceData(device)).rejects.toMatchObject({ code: "DEVICE_IN_USE" });
    await session.close();
    await parsec.removeDeviceData(device);
    await parsec.removeDeviceData(device);
    const again = await parsec.login(device.deviceId, protection);
    onTestFinished(() => again.close());
    expect(again.workspaces.list()).toEqual([]);
    await again.refresh();
    expect(again.workspaces.list()).toMatchObject([{ name: "Docs" }]);
  });

  test("is waited for until it is free, and the wait can be aborted", async () => {
    const abort = new AbortController();
    const aborted = parsec.waitAvailable(device.deviceId, { signal: abort.signal });
    aborted.catch(() => undefined);
    const waiting = parsec.waitAvailable(device.deviceId);
    let isFree = false;
    void waiting.then(() => {
      isFree = true;
    });
    abort.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    expect(isFree).toBe(false);
    await session.close();
    await waiting;
    await (await parsec.login(device.deviceId, protection)).close();
    await parsec.waitAvailable(device.deviceId);
    await expect(parsec.waitAvailable(DeviceId.generate())).rejects.toMatchObject({ code: "DEVICE_NOT_FOUND" });
  });
});

describe("the second factor", () => {
  /** The application on the phone: it was given the text of the secret. */
  function phone(secret: TotpSecret, clock: SettableClock): (periods?: number) => Promise<string> {
    const bits = [...secret.base32].map((letter) =>
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"),
    );
    const key = Uint8Array.from(bits.join("").match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
    return (periods = 0) => oneTimePassword(key, clock.now() + periods * 30_000_000);
  }

  async function timely() {
    const clock = new SettableClock(1_800_000_000_000_000);
    const running = await startServer({ dev: true, clock });
    onTestFinished(() => running.close());
    const own = await createParsec({
      deviceStore: memoryDeviceStore(),
      storage: memoryDriver(),
      clock,
      sync: "manual",
    });
    onTestFinished(() => own.close());
    const alice = await own.bootstrap(await running.createOrganization("Totp"), {
      human: { email: "alice@example.com", label: "Alice" },
      deviceLabel: "laptop",
      protection,
    });
    onTestFinished(() => alice.close());
    const [available] = await own.devices();
    if (available === undefined) throw new Error("no device");
    return { clock, running, parsec: own, session: alice, device: available };
  }

  test("is set up from a session, put around a device, asked for at a login, and taken away", async () => {
    const { clock, parsec: own, session: alice, device: found } = await timely();
    const status = await alice.totp.status();
    if (status.status !== "unconfirmed") throw new Error("set up already");
    const code = phone(status.secret, clock);
    await expect(alice.totp.confirm(await code(5))).rejects.toMatchObject({ code: "INVALID_ONE_TIME_PASSWORD" });
    await alice.totp.confirm(await code());
    expect(await alice.totp.status()).toEqual({ status: "confirmed" });
    await expect(alice.totp.confirm(await code())).rejects.toMatchObject({ code: "TOTP_ALREADY_SETUP" });
    await expect(own.fetchTotpKey(found, await code())).rejects.toMatchObject({ code: "NO_SECOND_FACTOR" });

    const key = await alice.totp.createKey();
    const protectedDevice = await own.addTotp(found, protection, key);
    expect(protectedDevice.totpOpaqueKeyId).toBe(key.opaqueKeyId);
    await alice.close();
    await expect(own.login(found.deviceId, protection)).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });
    await expect(own.fetchTotpKey(protectedDevice, await code(2))).rejects.toMatchObject({
      code: "INVALID_ONE_TIME_PASSWORD",
    });
    await expect(own.fetchTotpKey(protectedDevice, await code())).rejects.toMatchObject({ code: "TOTP_THROTTLED" });
    clock.advance(3_600_000);
    const fetched = await own.fetchTotpKey(protectedDevice, await code());
    await (await own.login(found.deviceId, withTotp(protection, fetched))).close();

    await expect(own.removeTotp(protectedDevice, protection)).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });
    expect(await own.removeTotp(protectedDevice, withTotp(protection, fetched))).toMatchObject({
      totpOpaqueKeyId: null,
    });
    await (await own.login(found.deviceId, protection)).close();
  });

  test("is set up anew by the link of an administrator", async () => {
    const { clock, running, parsec: own, session: alice } = await timely();
    const before = await alice.totp.status();
    if (before.status !== "unconfirmed") throw new Error("set up already");
    await alice.totp.confirm(await phone(before.secret, clock)());
    const response = await fetch(
      `${running.url}/administration/organizations/${alice.organizationId}/users/reset_totp`,
      {
        method: "POST",
        headers: { authorization: `Bearer ${running.administrationToken}`, "content-type": "application/json" },
        body: JSON.stringify({ user_id: alice.userId }),
      },
    );
    const answer: unknown = await response.json();
    const link: unknown = Reflect.get(Object(answer), "totp_reset_url");
    const reset = own.openTotpReset(String(link));
    expect(reset.address).toMatchObject({ organizationId: alice.organizationId, userId: alice.userId });
    const code = phone(await reset.secret(), clock);
    await expect(reset.confirm(await code(5))).rejects.toMatchObject({ code: "INVALID_ONE_TIME_PASSWORD" });
    await reset.confirm(await code());
    await expect(reset.confirm(await code())).rejects.toMatchObject({ code: "BAD_TOTP_RESET_TOKEN" });
    expect(await alice.totp.status()).toEqual({ status: "confirmed" });
    expect(() => own.openTotpReset("nonsense")).toThrow(expect.objectContaining({ code: "INVALID_URL" }));
  });
});
