import { createParsec, type Parsec, type Session, type UnsavedDevice } from "@parsec/client";
import { type DeviceStore, DeviceStoreError, keyring, memoryDeviceStore, memoryKeyring } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, type StorageDriver } from "@parsec/storage";
import type { AccessToken } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

// A greeting in the steps of a window: it shows who came and the codes, and asks for the protection when the device is
// made. Whatever happens in between, the device is on disk.

let server: RunningServer;
let alice: Session;
let emails = 0;

const newProtection = () => keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });
const human = (name: string) => ({ email: `${name}@example.com`, label: name });

beforeAll(async () => {
  server = await startServer({ dev: true });
  const parsec = await newParsec();
  const bootstrap = { human: human("alice"), deviceLabel: "laptop", protection: newProtection() };
  alice = await parsec.bootstrap(await server.createOrganization("Windows"), bootstrap);
});
afterAll(async () => {
  await alice.close();
  await server.close();
});

interface Disk {
  readonly deviceStore: DeviceStore;
  readonly storage: StorageDriver;
}

const newDisk = (): Disk => ({ deviceStore: memoryDeviceStore(), storage: memoryDriver() });

function newParsec(disk: Disk = newDisk()): Promise<Parsec> {
  return createParsec({ ...disk, sync: "manual" });
}

interface Greeting {
  readonly link: string;
  readonly token: AccessToken;
  readonly email: string;
}

async function invite(kind: "USER" | "DEVICE"): Promise<Greeting> {
  emails += 1;
  const email = `bob${emails}@example.com`;
  const { link, token } =
    kind === "USER" ? await alice.invitations.inviteUser(email) : await alice.invitations.inviteDevice();
  return { link, token, email };
}

/** Both windows, up to the device that has no protection yet. */
async function receive(parsec: Parsec, { link, token, email }: Greeting): Promise<UnsavedDevice> {
  const invitation = await parsec.openInvitation(link);
  if (invitation.type === "SHAMIR_RECOVERY") throw new Error("not this one");
  const greet = async () => {
    if (invitation.type === "DEVICE") {
      const shows = await alice.invitations.greetDevice(token);
      const chooses = await shows.waitPeerTrust();
      return (await (await chooses.choose(chooses.claimerSas)).getRequest()).createDevice();
    }
    const shows = await alice.invitations.greetUser(token);
    const chooses = await shows.waitPeerTrust();
    return (await (await chooses.choose(chooses.claimerSas)).getRequest()).createUser({ profile: "STANDARD" });
  };
  const claim = async () => {
    if (invitation.type === "DEVICE") {
      const chooses = await invitation.meet();
      const shows = await chooses.choose(chooses.greeterSas);
      return (await shows.waitPeerTrust()).receive({ deviceLabel: "tablet" });
    }
    const chooses = await invitation.meet();
    const shows = await chooses.choose(chooses.greeterSas);
    return (await shows.waitPeerTrust()).receive({ human: { email, label: "Bob" }, deviceLabel: "phone" });
  };
  const [claimed, greeted] = await Promise.allSettled([claim(), greet()]);
  if (claimed.status === "rejected") throw claimed.reason;
  if (greeted.status === "rejected") throw greeted.reason;
  return claimed.value;
}

async function expectWorks(parsec: Parsec, device: UnsavedDevice, protection = newProtection()): Promise<void> {
  const session = await parsec.login(device.deviceId, protection);
  await session.refresh();
  expect(session.users.self).toMatchObject({ id: device.userId, humanHandle: device.humanHandle });
  await session.close();
}

/** Nothing but the device's file is left in the folder. */
async function expectTidy({ deviceStore }: Disk, device: UnsavedDevice): Promise<void> {
  const extensions = ["keys", "prepared", "refused", "key", "tmp"];
  const found = await Promise.all(extensions.map((extension) => deviceStore.list("devices", extension)));
  expect(found.flat()).toEqual([`devices/${device.deviceId}.keys`]);
}

describe("the codes", () => {
  test("are readable where they are shown and where they are chosen, and it is said who came", async () => {
    const { link, token } = await invite("USER");
    const invitation = await (await newParsec()).openInvitation(link);
    if (invitation.type !== "USER") throw new Error("not for a user");
    const [greeter, claimer] = await Promise.all([alice.invitations.greetUser(token), invitation.meet()]);
    expect(claimer.greeter).toEqual({ userId: alice.userId, humanHandle: human("alice") });
    expect(claimer.greeterSas).toBe(greeter.greeterSas);
    expect(claimer.greeterSasChoices.filter((code) => code === claimer.greeterSas)).toHaveLength(1);
    const [shows, chooses] = await Promise.all([claimer.choose(claimer.greeterSas), greeter.waitPeerTrust()]);
    expect(shows.greeter).toEqual(claimer.greeter);
    expect(chooses.claimerSas).toBe(shows.claimerSas);
    expect(chooses.claimerSasChoices.filter((code) => code === chooses.claimerSas)).toHaveLength(1);
    await shows.cancel();
  });

  test("nobody is met who is not among the administrators of the invitation", async () => {
    const { link } = await invite("USER");
    const invitation = await (await newParsec()).openInvitation(link);
    if (invitation.type !== "USER") throw new Error("not for a user");
    const stranger = (await invite("USER")).token;
    await expect(Reflect.apply(invitation.meet, invitation, [{ greeter: stranger }])).rejects.toMatchObject({
      code: "GREETER_NOT_FOUND",
    });
  });
});

describe.each(["USER", "DEVICE"] as const)("a claim of a %s whose protection is chosen afterwards", (kind) => {
  test("gives a device that is safe, then protected, then used", async () => {
    const disk = newDisk();
    const parsec = await newParsec(disk);
    const device = await receive(parsec, await invite(kind));
    expect(await parsec.devices()).toEqual([]);
    expect(await parsec.unconfirmedDevices()).toMatchObject([
      { deviceId: device.deviceId, protection: { type: "none" } },
    ]);
    const protection = newProtection();
    const available = await device.save(protection);
    expect(available).toMatchObject({ deviceId: device.deviceId, protection: { type: "keyring" } });
    expect(await parsec.devices()).toEqual([available]);
    await expectTidy(disk, device);
    await expectWorks(parsec, device, protection);
  });

  test("goes on after a crash in between", async () => {
    const disk = newDisk();
    const device = await receive(await newParsec(disk), await invite(kind));
    const parsec = await newParsec(disk);
    const [waiting] = await parsec.unconfirmedDevices();
    if (waiting === undefined) throw new Error("the device is lost");
    const protection = newProtection();
    await expect(parsec.login(device.deviceId, protection)).rejects.toMatchObject({ code: "DEVICE_UNPROTECTED" });
    await parsec.protectDevice(waiting, protection);
    expect(await parsec.unconfirmedDevices()).toMatchObject([{ protection: { type: "keyring" } }]);
    await expect(parsec.login(device.deviceId, newProtection())).rejects.toMatchObject({ code: "KEYRING_ERROR" });
    await expectWorks(parsec, device, protection);
    await expectTidy(disk, device);
  });

  test("is saved again with another protection when the first one fails, or is regretted", async () => {
    const disk = newDisk();
    const parsec = await newParsec(disk);
    const device = await receive(parsec, await invite(kind));
    const broken = { ...newProtection(), createKey: () => Promise.reject(new Error("no card")) };
    await expect(device.save(broken)).rejects.toThrow("no card");
    const [first, second] = [newProtection(), newProtection()];
    await device.save(first);
    await device.save(second);
    await expectTidy(disk, device);
    await expect(parsec.login(device.deviceId, first)).rejects.toMatchObject({ code: "KEYRING_ERROR" });
    await expectWorks(parsec, device, second);
  });

  test("is removed with its key", async () => {
    const disk = newDisk();
    const parsec = await newParsec(disk);
    await receive(parsec, await invite(kind));
    const [waiting] = await parsec.unconfirmedDevices();
    if (waiting === undefined) throw new Error("the device is lost");
    await parsec.removeDevice(waiting);
    expect(await disk.deviceStore.list("devices", "key")).toEqual([]);
    expect(await parsec.unconfirmedDevices()).toEqual([]);
  });

  test("costs no device, whatever step of the disk is the last one", async () => {
    for (let steps = 1; ; steps += 1) {
      const disk = newDisk();
      const dying = mortal(disk.deviceStore, steps);
      const protection = newProtection();
      let device: UnsavedDevice | undefined;
      let isSaved = false;
      try {
        device = await receive(await newParsec({ ...disk, deviceStore: dying }), await invite(kind));
        await device.save(protection);
        isSaved = true;
      } catch (error) {
        expect(error).toMatchObject({ name: expect.stringMatching(/^(Device|GreetingCancelled)Error$/) });
      }
      const parsec = await newParsec(disk);
      const [waiting] = await parsec.unconfirmedDevices();
      const [ready] = await parsec.devices();
      // Before the file is whole the greeter is told to start over: there is nothing to lose.
      if (device !== undefined) {
        expect(waiting ?? ready).toMatchObject({ deviceId: device.deviceId });
        if (waiting?.protection.type === "none") await parsec.protectDevice(waiting, protection);
        await expectWorks(parsec, device, protection);
      }
      if (isSaved) {
        expect(steps).toBeGreaterThan(5);
        return;
      }
    }
  });
});

/** A store of a process that ends before its step of that number that changes something. */
function mortal(store: DeviceStore, lastStep: number): DeviceStore {
  let steps = 0;
  const alive = async <T>(work: () => Promise<T>): Promise<T> => {
    steps += 1;
    if (steps >= lastStep) throw new DeviceStoreError("STORAGE_NOT_AVAILABLE", "dead");
    return work();
  };
  return {
    list: (folder, extension) => store.list(folder, extension),
    read: (path) => store.read(path),
    write: (path, content) => alive(() => store.write(path, content)),
    rename: (from, to) => alive(() => store.rename(from, to)),
    remove: (path) => alive(() => store.remove(path)),
  };
}

test("a claim that is aborted while it waits for the greeter leaves nothing", async () => {
  const disk = newDisk();
  const parsec = await newParsec(disk);
  const { link, token, email } = await invite("USER");
  const invitation = await parsec.openInvitation(link);
  if (invitation.type !== "USER") throw new Error("not for a user");
  const [greeter, claimer] = await Promise.all([alice.invitations.greetUser(token), invitation.meet()]);
  const [shows, chooses] = await Promise.all([claimer.choose(claimer.greeterSas), greeter.waitPeerTrust()]);
  const [claim, reads] = await Promise.all([shows.waitPeerTrust(), chooses.choose(chooses.claimerSas)]);
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const receiving = claim.receive({ human: { email, label: "Bob" }, deviceLabel: "phone" }, { signal: abort.signal });
  receiving.catch(() => undefined);
  const request = await reads.getRequest();
  abort.abort(new Error("enough"));
  await expect(receiving).rejects.toThrow("enough");
  expect(await parsec.unconfirmedDevices()).toEqual([]);
  await expect(request.createUser({ profile: "STANDARD" })).rejects.toMatchObject({ code: "GREETING_CANCELLED" });
});
