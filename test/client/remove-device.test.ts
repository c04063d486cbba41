import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createParsec, password } from "@parsec/client";
import { fileDeviceStore } from "@parsec/device";
import { startServer } from "@parsec/server";
import { expect, onTestFinished, test } from "vitest";

const protection = password("P@ss");

/** A folder with one device, logged in, that has something of its own. */
async function withDevice() {
  const server = await startServer({ dev: true });
  onTestFinished(() => server.close());
  const dir = await mkdtemp(join(tmpdir(), "parsec-remove-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const deviceStore = fileDeviceStore(join(dir, "config"));
  const parsec = await createParsec({ dir, deviceStore, sync: "manual" });
  onTestFinished(() => parsec.close());
  const session = await parsec.bootstrap(await server.createOrganization("Org"), {
    human: { email: "alice@example.com", label: "Alice" },
    deviceLabel: "laptop",
    protection,
  });
  const docs = await session.workspaces.create("Docs");
  await docs.writeFile("/only-here.txt", new TextEncoder().encode("not yet synced"));
  const [device] = await parsec.devices();
  if (device === undefined) throw new Error("no device");
  return { parsec, session, device, deviceStore, data: join(dir, "data") };
}

test("a device is removed with its data, and not while it is in use", async () => {
  const { parsec, session, device, data } = await withDevice();
  await expect(parsec.removeDevice(device)).rejects.toMatchObject({ code: "DEVICE_IN_USE" });
  expect(await parsec.devices()).toHaveLength(1);

  await session.close();
  await parsec.removeDevice(device);
  expect(await parsec.devices()).toEqual([]);
  expect(await readdir(data)).toEqual([]);
  await expect(parsec.removeDevice(device)).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("without its data: a copy of the file opens it again", async () => {
  const { parsec, session, device, deviceStore, data } = await withDevice();
  const copy = await deviceStore.read(device.path);
  const keepData = { keepData: true };
  await expect(parsec.removeDevice(device, keepData)).rejects.toMatchObject({ code: "DEVICE_IN_USE" });
  expect(await parsec.devices()).toHaveLength(1);

  await session.close();
  await parsec.removeDevice(device, keepData);
  expect(await parsec.devices()).toEqual([]);
  expect(await readdir(data)).toEqual([device.deviceId]);
  await expect(parsec.removeDevice(device, keepData)).rejects.toMatchObject({ code: "NOT_FOUND" });

  await deviceStore.write(device.path, copy);
  const again = await parsec.login(device.deviceId, protection);
  onTestFinished(() => again.close());
  const [docs] = await again.workspaces.find("Docs");
  if (docs === undefined) throw new Error("no workspace");
  expect(await new Response(await docs.readFile("/only-here.txt")).text()).toBe("not yet synced");
});
