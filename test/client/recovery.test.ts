import { createParsec, type Parsec, password, type RecoveryFile, type Session } from "@parsec/client";
import { keyring, memoryDeviceStore, memoryKeyring } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type Tamper, tamperingTransport } from "../support/tampering-transport.ts";

let server: RunningServer;
let file: RecoveryFile;
let userId: string;
let count = 0;

beforeAll(async () => {
  server = await startServer({ dev: true });
});
afterAll(() => server.close());

/** A computer with nothing on it. */
async function newComputer(tampers: Record<string, Tamper> = {}): Promise<Parsec> {
  const transport = tamperingTransport(tampers);
  onTestFinished(() => transport.close());
  return createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), transport, sync: "manual" });
}

const newKeyring = () => keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });
const options = { deviceLabel: "new laptop", protection: password("new") };

beforeEach(async () => {
  count += 1;
  const transport = tamperingTransport({});
  const parsec = await createParsec({
    deviceStore: memoryDeviceStore(),
    storage: memoryDriver(),
    transport,
    sync: "manual",
  });
  const alice = await parsec.bootstrap(await server.createOrganization(`Recovery${count}`), {
    human: { email: "alice@example.com", label: "Alice" },
    deviceLabel: "laptop",
    protection: password("old"),
  });
  await alice.workspaces.create("Docs");
  await alice.maintain();
  file = await alice.exportRecoveryDevice("recovery");
  userId = alice.userId;
  await alice.close();
  await transport.close();
});

test("everything is lost but the file and the passphrase: the user is back, with all workspaces", async () => {
  const parsec = await newComputer();
  const alice = await parsec.recover(file.bytes, file.passphrase, options);
  onTestFinished(() => alice.close());
  await alice.refresh();
  expect(alice.userId).toBe(userId);
  expect(alice.workspaces.list()).toMatchObject([{ name: "Docs", role: "OWNER" }]);
  expect(alice.users.devicesOf(alice.userId)).toMatchObject([
    { label: "laptop", purpose: "STANDARD" },
    { label: "recovery", purpose: "PASSPHRASE_RECOVERY" },
    { label: "new laptop", purpose: "STANDARD" },
  ]);
  expect(await parsec.devices()).toMatchObject([{ deviceId: alice.deviceId, protection: { type: "password" } }]);
});

test("the file may be used again", async () => {
  for (const deviceLabel of ["first", "second"]) {
    const session = await (await newComputer()).recover(file.bytes, file.passphrase, { ...options, deviceLabel });
    await session.close();
  }
});

test("the reply is lost: the device waits, and a login finds out", async () => {
  const tampers: Record<string, Tamper> = { device_create: "lose_reply" };
  const parsec = await newComputer(tampers);
  await expect(parsec.recover(file.bytes, file.passphrase, options)).rejects.toMatchObject({ code: "OFFLINE" });
  const [unconfirmed] = await parsec.unconfirmedDevices();
  if (unconfirmed === undefined) throw new Error("the device is lost");
  const session = await parsec.login(unconfirmed.deviceId, options.protection);
  onTestFinished(() => session.close());
  expect(await parsec.devices()).toHaveLength(1);
});

test("a wrong passphrase, a text that is none, a damaged file: nothing is left behind", async () => {
  const parsec = await newComputer();
  const other = `${file.passphrase.startsWith("A") ? "B" : "A"}${file.passphrase.slice(1)}`;
  await expect(parsec.recover(file.bytes, other, options)).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });
  await expect(parsec.recover(file.bytes, "hello", options)).rejects.toMatchObject({ code: "INVALID_PASSPHRASE" });
  await expect(parsec.recover(file.bytes.slice(1), file.passphrase, options)).rejects.toMatchObject({
    code: "INVALID_DATA",
  });
  await expect(parsec.recover(file.bytes, file.passphrase, { ...options, deviceLabel: "" })).rejects.toMatchObject({
    code: "INVALID_DEVICE_LABEL",
  });
  expect([await parsec.devices(), await parsec.unconfirmedDevices()]).toEqual([[], []]);
});

describe("an export", () => {
  async function newAlice(): Promise<{ alice: Session; tampers: Record<string, Tamper> }> {
    const tampers: Record<string, Tamper> = {};
    const parsec = await newComputer(tampers);
    const alice = await parsec.bootstrap(await server.createOrganization(`Export${(count += 1)}`), {
      human: { email: "alice@example.com", label: "Alice" },
      deviceLabel: "laptop",
      protection: newKeyring(),
    });
    onTestFinished(() => alice.close());
    return { alice, tampers };
  }
  const devicesOf = async (session: Session) => {
    await session.refresh();
    return session.users.devicesOf(session.userId).map(({ label }) => label);
  };

  test("gives the file to be kept before the server is asked", async () => {
    const { alice } = await newAlice();
    const kept: RecoveryFile[] = [];
    const given = await alice.exportRecoveryDevice("recovery", {
      save: async (saved) => {
        expect(await devicesOf(alice)).toEqual(["laptop"]);
        kept.push(saved);
      },
    });
    expect(kept).toEqual([given]);
    expect(await devicesOf(alice)).toEqual(["laptop", "recovery"]);
  });

  test("asks nobody when the file cannot be kept", async () => {
    const { alice } = await newAlice();
    const save = () => Promise.reject(new Error("no paper"));
    await expect(alice.exportRecoveryDevice("recovery", { save })).rejects.toThrow("no paper");
    expect(await devicesOf(alice)).toEqual(["laptop"]);
  });

  test.each(["lose_reply", "lose_request"] as const)(
    "of which there was no answer (%s) is ended later",
    async (lost) => {
      const { alice, tampers } = await newAlice();
      tampers["device_create"] = lost;
      const kept: RecoveryFile[] = [];
      const attempt = alice.exportRecoveryDevice("recovery", { save: (saved) => void kept.push(saved) });
      await expect(attempt).rejects.toMatchObject({ code: "OFFLINE" });
      const [saved] = kept;
      if (saved === undefined) throw new Error("nothing was kept");
      delete tampers["device_create"];
      await alice.confirmRecoveryDevice(saved.bytes, saved.passphrase);
      await alice.confirmRecoveryDevice(saved.bytes, saved.passphrase);
      expect(await devicesOf(alice)).toEqual(["laptop", "recovery"]);
      const restored = await (await newComputer()).recover(saved.bytes, saved.passphrase, {
        deviceLabel: "new",
        protection: newKeyring(),
      });
      onTestFinished(() => restored.close());
      expect(restored.userId).toBe(alice.userId);
    },
  );

  test("is not ended for somebody else", async () => {
    const { alice } = await newAlice();
    const refused = { code: "RECOVERY_FILE_OF_OTHER_USER" };
    await expect(alice.confirmRecoveryDevice(file.bytes, file.passphrase)).rejects.toMatchObject(refused);
  });

  test("is aborted while the file is kept", async () => {
    const { alice } = await newAlice();
    const abort = new AbortController();
    const save = () => new Promise<void>(() => abort.abort(new Error("enough")));
    const attempt = alice.exportRecoveryDevice("recovery", { save, signal: abort.signal });
    await expect(attempt).rejects.toThrow("enough");
    expect(await devicesOf(alice)).toEqual(["laptop"]);
  });
});
