import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Account, accountVaultKeys, createAccount, logIn, sendCreationCode } from "@parsec/account";
import { systemClock } from "@parsec/base";
import { createParsec, type Parsec } from "@parsec/client";
import { AuthenticatedConnection, createTransport, type Transport } from "@parsec/connection";
import { KeyDerivation } from "@parsec/crypto";
import {
  accountVault,
  type DeviceStore,
  loadDevice,
  memoryDeviceStore,
  newDeviceOfUser,
  password,
  saveDevice,
} from "@parsec/device";
import { deviceCreate } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import {
  DateTime,
  type DeviceCertificate,
  DeviceLabel,
  HumanHandle,
  type LocalDevice,
  parseServerHttpUrl,
  redactedDeviceCertificate,
  signCertificate,
} from "@parsec/types";
import { afterEach, beforeEach, expect, test } from "vitest";

// A person with an account: the client opens devices whose keys are in the vault, and a new machine needs nothing but
// the account.

let running: RunningServer;
let transport: Transport;
let dir: string;
let account: Account;

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
});
afterEach(async () => {
  await account.logOut();
  await transport.close();
  await running.close();
  await rm(dir, { recursive: true });
});

/** A machine of its own, with what is in its device files. */
async function startMachine(name: string): Promise<{ readonly parsec: Parsec; readonly store: DeviceStore }> {
  const store = memoryDeviceStore();
  return { parsec: await createParsec({ dir: join(dir, name), deviceStore: store, sync: "manual" }), store };
}

test("the client bootstraps and logs in with a device that the vault protects", async () => {
  const protection = accountVault(accountVaultKeys(account));
  const { parsec } = await startMachine("laptop");
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

test("a new machine gets its device from the registration device in the vault", async () => {
  const { parsec, store } = await startMachine("laptop");
  const protection = password("P@ssw0rd.");
  const session = await parsec.bootstrap(await running.createOrganization("Acme"), {
    human,
    deviceLabel: "laptop",
    protection,
  });
  const [file] = await parsec.devices();
  const laptop = await loadDevice(store, file?.path ?? "", protection);
  await account.vault.uploadRegistrationDevice(await register(laptop, "Registration device", "REGISTRATION"));

  // The new machine.
  const [user] = await account.vault.listRegistrationDevices();
  const registration = await account.vault.fetchRegistrationDevice(user ?? expect.unreachable());
  const tablet = await register(registration, "tablet", "STANDARD");
  const vaultProtection = accountVault(accountVaultKeys(account));
  const { parsec: other, store: otherStore } = await startMachine("tablet");
  await saveDevice(otherStore, tablet, vaultProtection);
  const otherSession = await other.login(tablet.deviceId, vaultProtection);
  await otherSession.refresh();
  expect(otherSession.userId).toBe(session.userId);
  expect(otherSession.users.devicesOf(session.userId).map(({ label }) => label)).toEqual(
    expect.arrayContaining(["laptop", "Registration device", "tablet"]),
  );
  await otherSession.close();
  await other.close();
  await session.close();
  await parsec.close();
});

/** Another device of the same user, which its author registers with the server. */
async function register(
  author: LocalDevice,
  label: string,
  purpose: DeviceCertificate["purpose"],
): Promise<LocalDevice> {
  const device = newDeviceOfUser(author, DeviceLabel.parse(label));
  const { organizationId, rootVerifyKey, serverUrl, deviceId, signingKey } = author;
  const address = { ...serverUrl, kind: "organization", organizationId, rootVerifyKey } as const;
  const certificate: DeviceCertificate = {
    type: "device_certificate",
    purpose,
    author: deviceId,
    timestamp: DateTime.now(systemClock),
    userId: device.userId,
    deviceId: device.deviceId,
    deviceLabel: device.deviceLabel,
    verifyKey: device.signingKey.verifyKey,
    algorithm: "ED25519",
  };
  const connection = new AuthenticatedConnection({ address, deviceId, signingKey, transport });
  const reply = await connection.send(deviceCreate, {
    deviceCertificate: signCertificate(signingKey, certificate),
    redactedDeviceCertificate: signCertificate(signingKey, redactedDeviceCertificate(certificate)),
  });
  expect(reply).toEqual({ status: "ok" });
  return device;
}
