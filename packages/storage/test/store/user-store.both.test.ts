import { type LocalUserManifest, newLocalUserManifest } from "@parsec/types";
import { expect, test } from "vitest";
import { initializeUserStorage, memoryDriver, openDeviceStorage } from "../../src/index.ts";
import { author, newOwner, now } from "../support/fixtures.ts";

function userManifest(version: number, needSync: boolean): LocalUserManifest {
  const manifest = newLocalUserManifest(author, now, { speculative: false });
  return { ...manifest, needSync, base: { ...manifest.base, version } };
}

test("the first manifest of a new user is there at the first start", async () => {
  const driver = memoryDriver();
  const owner = newOwner();
  const first = userManifest(0, true);
  await initializeUserStorage(driver, owner, first);
  const storage = await openDeviceStorage(driver, owner);
  expect(await storage.user.getUserManifest()).toEqual(first);
  expect(await storage.user.getCheckpoint()).toBe(0);
});

test("checkpoint and remote version, over a new start", async () => {
  const driver = memoryDriver();
  const owner = newOwner();
  const storage = await openDeviceStorage(driver, owner);
  expect(await storage.user.getUserManifest()).toBeUndefined();
  await storage.user.updateCheckpoint(1, 4);
  expect(await storage.user.getUserManifest()).toBeUndefined();
  await storage.user.setUserManifest(userManifest(1, false));
  await storage.user.updateCheckpoint(2, 5);
  await storage.user.setUserManifest(userManifest(2, true));
  await storage.close();

  const databases = await driver.openDevice(owner.deviceId);
  const user = await databases.openUser(owner.userRealmId);
  expect(await user.checkpoint()).toBe(2);
  expect(await user.manifest()).toMatchObject({ baseVersion: 2, remoteVersion: 5, needSync: true });
});
