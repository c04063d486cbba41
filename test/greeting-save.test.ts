import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ParsecOptions, Session } from "@parsec/client";
import { OfflineError } from "@parsec/connection";
import { DeviceStoreError, fileDeviceStore, memoryDeviceStore } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { strictDriver } from "@parsec/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bootstrapped,
  choose,
  claimWholly,
  greetWholly,
  newPerson,
  type Person,
  Telephone,
} from "./support/greeting-people.ts";

// A claimed device whose saving fails, or whose greeter does not hear of it. That a full disk is told as such is tested
// with the stores themselves: here they fail as if it were.

let server: RunningServer;
let alice: Session;
let dir: string;
let emails = 0;

beforeAll(async () => {
  server = await startServer({ dev: true });
  alice = await bootstrapped(server, "Saving", await newPerson());
  dir = await mkdtemp(join(tmpdir(), "parsec-claim-save-"));
});
afterAll(async () => {
  await alice.close();
  await server.close();
  await rm(dir, { recursive: true });
});

/** How both sides of a greeting end, with a claimer of these ports. */
async function meet(options: ParsecOptions, prepare: (bob: Person) => void = () => undefined) {
  emails += 1;
  const { token, link } = await alice.invitations.inviteUser(`bob${emails}@example.com`);
  const bob = await newPerson(options);
  prepare(bob);
  const telephone = new Telephone();
  const abort = new AbortController();
  const greeting = greetWholly(alice, token, { telephone, signal: abort.signal }).then(() => "done");
  return { bob, greeting, abort, claiming: claimWholly(bob, link, { telephone }) };
}

const claimerGaveUp = { code: "GREETING_CANCELLED", origin: "CLAIMER", reason: "MANUALLY_CANCELLED" };

/** The device waits to be confirmed, and a login does it. */
async function expectSaved({ parsec, protection }: Person): Promise<void> {
  expect(await parsec.devices()).toEqual([]);
  const [device, ...others] = await parsec.unconfirmedDevices();
  if (device === undefined) throw new Error("the device is lost");
  expect(others).toEqual([]);
  const session = await parsec.login(device.deviceId, protection);
  await session.refresh();
  await session.close();
  expect(await parsec.devices()).toMatchObject([{ deviceId: device.deviceId }]);
  expect(await parsec.unconfirmedDevices()).toEqual([]);
}

async function expectNothing({ parsec }: Person): Promise<void> {
  expect(await parsec.devices()).toEqual([]);
  expect(await parsec.unconfirmedDevices()).toEqual([]);
}

describe("a claimer", () => {
  test("whose disk is full is told, has nothing, and the greeter does not wait", async () => {
    const deviceStore = memoryDeviceStore();
    const write = (path: string) => Promise.reject(new DeviceStoreError("NO_SPACE_LEFT", path));
    const { bob, claiming, greeting } = await meet({ deviceStore: { ...deviceStore, write } });
    await Promise.all([
      expect(claiming).rejects.toMatchObject({ code: "NO_SPACE_AVAILABLE" }),
      expect(greeting).rejects.toMatchObject(claimerGaveUp),
    ]);
    await expectNothing(bob);
  });

  test("whose folder cannot be written is told, and the greeter does not wait", async () => {
    await writeFile(join(dir, "file"), "not a folder");
    const { claiming, greeting } = await meet({ deviceStore: fileDeviceStore(join(dir, "file")) });
    await Promise.all([
      expect(claiming).rejects.toMatchObject({ code: "INVALID_PATH" }),
      expect(greeting).rejects.toMatchObject(claimerGaveUp),
    ]);
  });

  test("whose databases cannot be written is told, the greeter does not wait; the device waits for better days", async () => {
    const storage = strictDriver();
    storage.plan({ failAtWrite: 1 });
    const { bob, claiming, greeting } = await meet({ storage });
    await Promise.all([
      expect(claiming).rejects.toMatchObject({ code: "STORAGE_FULL" }),
      expect(greeting).rejects.toMatchObject(claimerGaveUp),
    ]);
    storage.plan();
    await expectSaved(bob);
  });

  test("who cannot give the file its name is told, when all is done; the device waits", async () => {
    const deviceStore = memoryDeviceStore();
    let isBroken = true;
    const rename = (from: string, to: string) =>
      isBroken ? Promise.reject(new DeviceStoreError("CANNOT_EDIT", from)) : deviceStore.rename(from, to);
    const { bob, claiming, greeting } = await meet({ deviceStore: { ...deviceStore, rename } });
    await expect(claiming).rejects.toMatchObject({ code: "INVALID_PATH" });
    expect(await greeting).toBe("done");
    isBroken = false;
    await expectSaved(bob);
  });

  test("who does not get the reply to the last step is told; the greeter is done, the device waits", async () => {
    const lose = (moment: string) => {
      if (moment === "step 8") throw new OfflineError("lost reply");
    };
    const { bob, claiming, greeting } = await meet({}, ({ moments }) => Object.assign(moments, { after: lose }));
    await expect(claiming).rejects.toMatchObject({ code: "OFFLINE" });
    expect(await greeting).toBe("done");
    await expectSaved(bob);
  });

  test("whose last step does not arrive is told; the device waits, and so does the greeter until they give up", async () => {
    const lose = (moment: string) => {
      if (moment === "step 8") throw new OfflineError("lost request");
    };
    const { bob, claiming, greeting, abort } = await meet({}, ({ moments }) =>
      Object.assign(moments, { before: lose }),
    );
    await expect(claiming).rejects.toMatchObject({ code: "OFFLINE" });
    abort.abort("enough");
    await expect(greeting).rejects.toBe("enough");
    await expectSaved(bob);
  });

  test("who makes a mistake in what they ask for, or has no key for the file, may correct it: nothing was sent", async () => {
    const { token, link } = await alice.invitations.inviteUser("careless@example.com");
    const bob = await newPerson();
    const telephone = new Telephone();
    const greeting = greetWholly(alice, token, { telephone });
    const invitation = await bob.parsec.openInvitation(link);
    if (invitation.type !== "USER") throw new Error("not for a user");
    const choosing = await invitation.meet();
    const showing = await choosing.choose(choose(choosing.greeterSasChoices, await telephone.hear("greeter")));
    telephone.say("claimer", showing.claimerSas);
    const claim = await showing.waitPeerTrust();
    const { protection } = bob;
    const human = { email: "careless@example.com", label: "Bob" };
    await expect(claim.claim({ human, deviceLabel: "", protection })).rejects.toMatchObject({
      code: expect.stringMatching(/LABEL/),
    });
    await expect(
      claim.claim({ human: { ...human, email: "careless" }, deviceLabel: "phone", protection }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/EMAIL|HANDLE/) });
    const broken: typeof protection = { ...protection, createKey: () => Promise.reject(new Error("no key")) };
    await expect(claim.claim({ human, deviceLabel: "phone", protection: broken })).rejects.toThrow("no key");
    await Promise.all([claim.claim({ human, deviceLabel: "phone", protection }), greeting]);
  });
});
