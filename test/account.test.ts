import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Account, accountVaultKeys, createAccount, logIn, sendCreationCode } from "@parsec/account";
import { hasCode } from "@parsec/base";
import { createParsec, type Parsec } from "@parsec/client";
import { createTransport, type Transport } from "@parsec/connection";
import { KeyDerivation } from "@parsec/crypto";
import { accountVault, keyring, memoryDeviceStore, memoryKeyring, password } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { HumanHandle, OrganizationId, parseServerHttpUrl, UserId } from "@parsec/types";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { type Tamper, tamperingTransport } from "./support/tampering-transport.ts";

// A person with an account: the client opens devices whose keys are in the vault, and a new machine needs nothing but
// the account.

let running: RunningServer;
let transport: Transport;
let dir: string;
let account: Account;
let secret: KeyDerivation;

const human = { email: "alice@example.com", label: "Alice" };

beforeEach(async () => {
  running = await startServer({ dev: true });
  transport = createTransport({ proxy: "none" });
  dir = await mkdtemp(join(tmpdir(), "parsec-account-"));
  const server = { address: parseServerHttpUrl(running.url), transport };
  const humanHandle = HumanHandle.parse(human.email, human.label);
  await sendCreationCode(server, humanHandle.email);
  const text = running.mailbox?.received(human.email).at(-1)?.text ?? "";
  const code = /^[A-Z2-9]{6}$/m.exec(text)?.[0] ?? expect.unreachable("no code in the mail");
  const masterSecret = KeyDerivation.generate();
  await createAccount(server, { humanHandle, code, credentials: { masterSecret } });
  account = await logIn(server, { masterSecret });
  secret = masterSecret;
});
afterEach(async () => {
  await account.logOut();
  await transport.close();
  await running.close();
  await rm(dir, { recursive: true });
});

/** A machine of its own. */
async function startMachine(name: string): Promise<Parsec> {
  return createParsec({ dir: join(dir, name), sync: "manual" });
}

test("the client bootstraps and logs in with a device that the vault protects", async () => {
  const protection = accountVault(accountVaultKeys(account));
  const parsec = await startMachine("laptop");
  const bootstrap = await running.createOrganization("Acme");
  const session = await parsec.bootstrap(bootstrap, { human, deviceLabel: "laptop", protection });
  const { deviceId } = session;
  await session.close();

  expect(await parsec.devices()).toMatchObject([{ deviceId, protection: { type: "account_vault" } }]);
  const again = await parsec.login(deviceId, protection);
  expect(again.userId).toBe(session.userId);
  await again.close();
  await expect(parsec.login(deviceId, password("guess"))).rejects.toMatchObject({ code: "BAD_ACCESS_STRATEGY" });
  await account.authMethods.changePassword("new password");
  await (await parsec.login(deviceId, protection)).close();

  await running.close();
  await expect(parsec.login(deviceId, protection)).rejects.toMatchObject({ code: "REMOTE_OPAQUE_KEY_FETCH_OFFLINE" });
  await parsec.close();
});

test("a new machine needs nothing but the account", async () => {
  const parsec = await startMachine("laptop");
  const bootstrap = await running.createOrganization("Acme");
  const session = await parsec.bootstrap(bootstrap, { human, deviceLabel: "laptop", protection: password("P@ss") });
  await session.createRegistrationDevice(account);
  await expect(session.createRegistrationDevice(account)).rejects.toMatchObject({
    code: "REGISTRATION_DEVICE_ALREADY_EXISTS",
  });
  await session.refresh();
  expect(session.users.devicesOf(session.userId)).toMatchObject([
    { label: "laptop", purpose: "STANDARD" },
    { label: "Registration device", purpose: "REGISTRATION" },
  ]);

  const other = await startMachine("tablet");
  const [user] = await account.vault.listRegistrationDevices();
  expect(user).toEqual({ organizationId: "Acme", userId: session.userId });
  const protection = accountVault(accountVaultKeys(account));
  const options = { deviceLabel: "tablet", protection };
  const there = await other.deviceFromAccount(account, user ?? expect.unreachable(), options);
  await there.refresh();
  expect(there.userId).toBe(session.userId);
  expect(there.users.devicesOf(session.userId)).toHaveLength(3);
  const { deviceId } = there;
  await there.close();
  await (await other.login(deviceId, protection)).close();
  await other.close();
  await session.close();
  await parsec.close();
});

test.each(["device_create", "vault_item_upload"])(
  "a registration device of which %s had no answer is ended by the next call: there is one, and it works",
  async (command) => {
    const tampers: Record<string, Tamper> = {};
    const line = tamperingTransport(tampers);
    onTestFinished(() => line.close());
    const parsec = await createParsec({ dir: join(dir, "laptop"), sync: "manual", transport: line });
    const protection = keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });
    const bootstrap = await running.createOrganization("Acme");
    const session = await parsec.bootstrap(bootstrap, { human, deviceLabel: "laptop", protection });
    const server = { address: account.address, transport: line };
    const unsteady = await logIn(server, { masterSecret: secret });
    for (const lost of ["lose_request", "lose_reply"] as const) {
      tampers[command] = lost;
      await expect(session.createRegistrationDevice(unsteady)).rejects.toMatchObject({ code: "OFFLINE" });
    }
    delete tampers[command];
    await session.createRegistrationDevice(unsteady).catch((error: unknown) => {
      if (!hasCode(error, "REGISTRATION_DEVICE_ALREADY_EXISTS")) throw error;
    });
    await session.refresh();
    expect(session.users.devicesOf(session.userId)).toMatchObject([
      { label: "laptop" },
      { label: "Registration device" },
    ]);
    const other = await startMachine("tablet");
    const user = { organizationId: session.organizationId, userId: session.userId };
    const there = await other.deviceFromAccount(account, user, { deviceLabel: "tablet", protection });
    await there.close();
    await other.close();
    await unsteady.logOut();
    await session.close();
    await parsec.close();
  },
);

test("nothing is left behind when there is no registration device", async () => {
  const parsec = await startMachine("laptop");
  const user = { organizationId: OrganizationId.parse("Acme"), userId: UserId.generate() };
  const options = { deviceLabel: "tablet", protection: password("P@ss") };
  await expect(parsec.deviceFromAccount(account, user, options)).rejects.toMatchObject({
    code: "UNKNOWN_REGISTRATION_DEVICE",
  });
  expect(await parsec.devices()).toEqual([]);
  expect(await parsec.unconfirmedDevices()).toEqual([]);
  await parsec.close();
});
