import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createParsec, type Parsec, password } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

let server: RunningServer;
let dir: string;
let parsec: Parsec;
let organizations = 0;

beforeAll(async () => {
  server = await startServer({ dev: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "parsec-bootstrap-"));
  parsec = await createParsec({ dir, sync: "manual" });
});
afterEach(async () => {
  await parsec.close();
  await rm(dir, { recursive: true });
});

const alice = { human: { email: "alice@example.com", label: "Alice" }, deviceLabel: "laptop" };

function newOrganization(): Promise<string> {
  organizations += 1;
  return server.createOrganization(`Org${organizations}`);
}

describe("bootstrap of an organization on a real server", () => {
  test("gives a session, a device file, and certificates that validate", async () => {
    const session = await parsec.bootstrap(await newOrganization(), { ...alice, protection: password("P@ss") });
    await session.refresh();
    expect(session.users.list()).toMatchObject([
      { id: session.userId, humanHandle: alice.human, profile: "ADMIN", createdBy: undefined, revokedOn: undefined },
    ]);
    expect(session.users.devicesOf(session.userId)).toMatchObject([
      { id: session.deviceId, label: "laptop", purpose: "STANDARD" },
    ]);
    await session.close();
    expect(await parsec.devices()).toMatchObject([{ deviceId: session.deviceId, humanHandle: alice.human }]);
    expect(await parsec.unconfirmedDevices()).toEqual([]);
  });

  test("a workspace is made on the server in its three steps, and survives a new login", async () => {
    const session = await parsec.bootstrap(await newOrganization(), { ...alice, protection: password("P@ss") });
    const workspace = await session.workspaces.create("Docs");
    expect(session.workspaces.list()).toMatchObject([{ name: "Docs", role: "OWNER", isBootstrapped: false }]);
    await session.maintain();
    expect(session.workspaces.list()).toMatchObject([{ id: workspace.id, name: "Docs", isBootstrapped: true }]);
    await workspace.rename("Papers");
    await session.close();

    const again = await parsec.login(session.deviceId, password("P@ss"));
    expect(again.workspaces.list()).toMatchObject([{ name: "Papers", isBootstrapped: true }]);
    expect((await again.workspaces.find("Papers")).map(({ id }) => id)).toEqual([workspace.id]);
    await again.close();
  });

  test("a wrong password, and an unknown device, are told", async () => {
    const session = await parsec.bootstrap(await newOrganization(), { ...alice, protection: password("P@ss") });
    await session.close();
    await expect(parsec.login(session.deviceId, password("wrong"))).rejects.toMatchObject({
      code: "DECRYPTION_FAILED",
    });
    const other = await createParsec({ dir: `${dir}/other` });
    await expect(other.login(session.deviceId, password("P@ss"))).rejects.toMatchObject({ code: "DEVICE_NOT_FOUND" });
  });

  test("an organization is bootstrapped once", async () => {
    const address = await newOrganization();
    const session = await parsec.bootstrap(address, { ...alice, protection: password("P@ss") });
    await session.close();
    await expect(parsec.bootstrap(address, { ...alice, protection: password("P@ss") })).rejects.toMatchObject({
      code: "ORGANIZATION_ALREADY_BOOTSTRAPPED",
    });
    expect(await parsec.devices()).toHaveLength(1);
    expect(await parsec.unconfirmedDevices()).toEqual([]);
  });
});
