import { accountVaultKeys, logIn } from "@parsec/account";
import { KeyDerivation, ready } from "@parsec/crypto";
import {
  accountVault,
  changeProtection,
  listDevices,
  loadDevice,
  memoryDeviceStore,
  overwriteServerAddress,
  password,
  saveDevice,
} from "@parsec/device";
import { serverAddress } from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { newAccount, startWithAccount } from "../packages/account/test/support/real-server.ts";
import { newDevice } from "../packages/device/test/support/devices.ts";

beforeAll(() => ready());

/** An account, and a device that its vault protects. */
async function startWithDevice() {
  const started = await startWithAccount();
  const store = memoryDeviceStore();
  const device = newDevice();
  const protection = accountVault(accountVaultKeys(started.account));
  const { path } = await saveDevice(store, device, protection);
  return { ...started, store, device, protection, path };
}

describe("a device that the account's vault protects", () => {
  test("is saved and loaded, also by another login", async () => {
    const { server, masterSecret, store, device, protection, path } = await startWithDevice();
    expect(protection).toMatchObject({ type: "account_vault", offlineLogin: false });
    expect(await listDevices(store)).toMatchObject([{ path, protection: { type: "account_vault" } }]);
    expect(await loadDevice(store, path, protection)).toEqual(device);
    await using other = await logIn(server, { masterSecret });
    expect(await loadDevice(store, path, accountVault(accountVaultKeys(other)))).toEqual(device);
  });

  test("changes to a password and back", async () => {
    const { store, device, protection, path } = await startWithDevice();
    const typed = password("P@ssw0rd.");
    await changeProtection(store, path, protection, typed);
    expect(await loadDevice(store, path, typed)).toEqual(device);
    await expect(loadDevice(store, path, protection)).rejects.toMatchObject({ code: "BAD_ACCESS_STRATEGY" });
    await changeProtection(store, path, typed, protection);
    expect(await loadDevice(store, path, protection)).toEqual(device);
    await expect(loadDevice(store, path, typed)).rejects.toMatchObject({ code: "BAD_ACCESS_STRATEGY" });
  });

  test("gets another key at every save", async () => {
    const { account, store, device, protection, path } = await startWithDevice();
    const before = await store.read(path);
    await overwriteServerAddress(store, path, protection, serverAddress("other.example.com"));
    expect(await store.read(path)).not.toEqual(before);
    expect(await loadDevice(store, path, protection)).toEqual({
      ...device,
      serverUrl: serverAddress("other.example.com"),
    });
    // The old key stays: a copy of the old file still opens.
    await store.write("devices/copy.keys", before);
    expect(await loadDevice(store, "devices/copy.keys", accountVault(accountVaultKeys(account)))).toEqual(device);
  });

  test("survives a change of password and a new vault key", async () => {
    const { account, store, device, protection, path } = await startWithDevice();
    await account.authMethods.changePassword("new");
    expect(await loadDevice(store, path, protection)).toEqual(device);
    await account.vault.rotateKey({ masterSecret: KeyDerivation.generate() });
    expect(await loadDevice(store, path, protection)).toEqual(device);
  });
});

describe("does not open", () => {
  test("while the server is down", async () => {
    const { running, store, protection, path } = await startWithDevice();
    await running.close();
    await expect(loadDevice(store, path, protection)).rejects.toMatchObject({
      code: "REMOTE_OPAQUE_KEY_FETCH_OFFLINE",
      server: "PARSEC_ACCOUNT",
      cause: { code: "OFFLINE" },
    });
    await expect(saveDevice(memoryDeviceStore(), newDevice(), protection)).rejects.toMatchObject({
      code: "REMOTE_OPAQUE_KEY_UPLOAD_OFFLINE",
      server: "PARSEC_ACCOUNT",
    });
  });

  test("with another account", async () => {
    const { running, server, store, path } = await startWithDevice();
    const bob = await newAccount(running, server, { email: "bob@example.com" });
    await expect(loadDevice(store, path, accountVault(accountVaultKeys(bob)))).rejects.toMatchObject({
      code: "REMOTE_OPAQUE_KEY_FETCH_FAILED",
      cause: { code: "UNKNOWN_OPAQUE_KEY" },
    });
  });

  test("when the login has ended: by a change elsewhere, or here", async () => {
    const { server, account, masterSecret, store, protection, path } = await startWithDevice();
    await using other = await logIn(server, { masterSecret });
    await other.vault.rotateKey({ masterSecret: KeyDerivation.generate() });
    await expect(loadDevice(store, path, protection)).rejects.toMatchObject({
      code: "REMOTE_OPAQUE_KEY_FETCH_FAILED",
      cause: { code: "BAD_AUTHENTICATION" },
    });
    await account.logOut();
    await expect(loadDevice(store, path, protection)).rejects.toMatchObject({
      code: "REMOTE_OPAQUE_KEY_FETCH_FAILED",
      cause: { code: "LOGGED_OUT" },
    });
    await expect(changeProtection(store, path, protection, password("x"))).rejects.toMatchObject({
      code: "REMOTE_OPAQUE_KEY_FETCH_FAILED",
    });
  });

  test("an abort is the caller's reason, and the file stays as it was", async () => {
    const { store, device, protection, path } = await startWithDevice();
    const reason = new Error("enough");
    await expect(loadDevice(store, path, protection, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const before = await store.read(path);
    const change = changeProtection(store, path, protection, protection, { signal: AbortSignal.abort(reason) });
    await expect(change).rejects.toBe(reason);
    expect(await store.read(path)).toEqual(before);
    expect(await loadDevice(store, path, protection)).toEqual(device);
  });
});
