import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createParsec, password } from "@parsec/client";
import { startServer } from "@parsec/server";
import { expect, onTestFinished, test } from "vitest";

test("a device is removed with its data, and not while it is in use", async () => {
  const server = await startServer({ dev: true });
  onTestFinished(() => server.close());
  const dir = await mkdtemp(join(tmpdir(), "parsec-remove-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const parsec = await createParsec({ dir, sync: "manual" });
  onTestFinished(() => parsec.close());
  const session = await parsec.bootstrap(await server.createOrganization("Org"), {
    human: { email: "alice@example.com", label: "Alice" },
    deviceLabel: "laptop",
    protection: password("P@ss"),
  });
  await session.workspaces.create("Docs");
  const [device] = await parsec.devices();
  if (device === undefined) throw new Error("no device");
  await expect(parsec.removeDevice(device)).rejects.toMatchObject({ code: "DEVICE_IN_USE" });
  expect(await parsec.devices()).toHaveLength(1);

  await session.close();
  await parsec.removeDevice(device);
  expect(await parsec.devices()).toEqual([]);
  expect(await readdir(join(dir, "data"))).toEqual([]);
  await expect(parsec.removeDevice(device)).rejects.toMatchObject({ code: "NOT_FOUND" });
});
