import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newPasswordAlgorithm, PrivateKey, passwordToSecretKey, ready, SecretKey, SigningKey } from "@parsec/crypto";
import {
  fileDeviceStore,
  keyring,
  listDevices,
  loadDevice,
  memoryDeviceStore,
  memoryKeyring,
  password,
  saveDevice,
} from "@parsec/device";
import {
  DeviceId,
  DeviceLabel,
  HumanHandle,
  type LocalDevice,
  loadDeviceFile,
  OrganizationId,
  serverAddress,
  UserId,
  VlobId,
} from "@parsec/types";
import { afterAll, beforeAll, it } from "vitest";
import { compare } from "./compare.ts";

// Listing a folder of device files, against reading and parsing them one by one; unlocking, split in the derivation of
// the key from the password and all the rest. Target for the rest: 5 ms.

const count = 1000;
let dir: string;

function newDevice(): LocalDevice {
  return {
    type: "local_device",
    serverUrl: serverAddress("parsec.example.com"),
    organizationId: OrganizationId.parse("Bench"),
    rootVerifyKey: SigningKey.generate().verifyKey,
    userId: UserId.generate(),
    deviceId: DeviceId.generate(),
    deviceLabel: DeviceLabel.parse("laptop"),
    humanHandle: HumanHandle.parse("alice@example.com", "Alice"),
    signingKey: SigningKey.generate(),
    privateKey: PrivateKey.generate(),
    initialProfile: "ADMIN",
    userRealmId: VlobId.generate(),
    userRealmKey: SecretKey.generate(),
    localSymkey: SecretKey.generate(),
  };
}

beforeAll(async () => {
  await ready();
  dir = await mkdtemp(join(tmpdir(), "parsec-bench-"));
  const store = fileDeviceStore(dir);
  const protection = keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });
  for (let index = 0; index < count; index += 1) await saveDevice(store, newDevice(), protection);
}, 120_000);
afterAll(() => rm(dir, { recursive: true }));

it("lists devices", async () => {
  const raw = async () => {
    const folder = join(dir, "devices");
    for (const name of await readdir(folder)) loadDeviceFile(new Uint8Array(await readFile(join(folder, name))));
  };
  await compare({ name: `list ${count} devices`, raw, ours: () => listDevices(fileDeviceStore(dir)), bar: 1 / 2 });
});

it("unlocks a device", async () => {
  const store = fileDeviceStore(dir);
  const protection = password("correct horse battery staple");
  const { path } = await saveDevice(store, newDevice(), protection);
  const algorithm = newPasswordAlgorithm();
  const raw = () => passwordToSecretKey("correct horse battery staple", algorithm);
  await compare({
    name: "unlock, against Argon2id alone",
    raw,
    ours: () => loadDevice(store, path, protection),
    bar: 0.95,
  });
});

it("does the rest of an unlock, without a derivation", async () => {
  const store = fileDeviceStore(dir);
  const protection = keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });
  const { path } = await saveDevice(store, newDevice(), protection);
  const raw = async () => loadDeviceFile(new Uint8Array(await readFile(join(dir, path))));
  const ours = () => loadDevice(store, path, protection);
  await compare({ name: "rest of an unlock (target 5 ms), against parsing", raw, ours });
});
