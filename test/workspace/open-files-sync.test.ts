import { hasCode } from "@parsec/base";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { LooseDevices, type OpenDevice } from "../support/loose-devices.ts";
import { holds } from "../support/patience.ts";
import { Gate, ScriptedNetwork } from "../support/scripted-network.ts";
import { names, readText } from "../support/two-devices.ts";

// What it means for synchronization that files are open.

const text = (data: Uint8Array) => new TextDecoder().decode(data);
const bytes = (words: string) => new TextEncoder().encode(words);

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

async function open(...[devices, index, ports]: [LooseDevices, number, Parameters<LooseDevices["open"]>[1]?]) {
  const device: OpenDevice = await devices.open(index, ports);
  onTestFinished(() => device.close());
  return device;
}

async function oneDevice(ports: Parameters<LooseDevices["open"]>[1] = {}) {
  const devices = await LooseDevices.load(server);
  const { workspace, session, close } = await open(devices, 0, ports);
  return { devices, workspace, session, close };
}

describe("synchronization", () => {
  test("does not take up what is open for writing, says so, and does it after the close", async () => {
    const { workspace, devices, session } = await oneDevice();
    const other = await open(devices, 1);
    const needed: unknown[] = [];
    const handle = await workspace.open("/f", { create: true, write: true });
    session.events.on("outbound_sync_needed", ({ entryId }) => needed.push(entryId));
    await handle.write(0, bytes("half"));
    await handle.flush();
    expect(needed).toEqual([]);
    await expect(workspace.sync()).rejects.toMatchObject({
      code: "SYNC_INCOMPLETE",
      left: [{ path: "/f", reason: "ENTRY_BUSY", id: handle.id }],
    });
    await handle.writeAtEnd(bytes(" and whole"));
    await handle.close();
    expect(needed).toEqual([handle.id]);
    await workspace.sync();
    await other.workspace.sync();
    expect(await readText(other.workspace, "/f")).toBe("half and whole");
  });

  test("brings no version of others into what is open, and does so after the close", async () => {
    const { workspace, devices } = await oneDevice();
    const other = await open(devices, 1);
    await workspace.writeFile("/f", "first");
    await workspace.sync();
    await other.workspace.sync();
    expect(await readText(other.workspace, "/f")).toBe("first");
    const handle = await workspace.open("/f");
    await other.workspace.writeFile("/f", "second");
    await other.workspace.sync();
    const refused = await workspace.sync().catch((error: unknown) => error);
    expect(hasCode(refused, "SYNC_INCOMPLETE")).toBe(true);
    expect(text(await handle.read(0, 10))).toBe("first");
    await handle.close();
    await workspace.sync();
    expect(await readText(workspace, "/f")).toBe("second");
  });

  test("brings no version of others into what is open, also while that is on its way to another folder", async () => {
    const gate = new Gate();
    const network = new ScriptedNetwork();
    const devices = await LooseDevices.load(server);
    const other = await open(devices, 1, { transport: network });
    const { workspace } = await open(devices, 0);
    await other.workspace.writeFile("/f", "first");
    await other.workspace.createFolder("/d");
    await other.workspace.sync();
    await workspace.sync();
    expect(await readText(workspace, "/f")).toBe("first");
    const { id: folder } = await workspace.stat("/d");
    // The file goes up with its new parent; the folder that lists it there is held.
    await other.workspace.writeFile("/f", "second");
    await other.workspace.move("/f", "/d/f");
    let updates = 0;
    network.rule = async (exchange) => {
      if (exchange.command === "vlob_update") updates += 1;
      if (updates === 2) await gate.arrive();
      return exchange.pass();
    };
    const syncing = other.workspace.sync();
    await holds("the folder to be held", () => gate.waiting > 0);
    await workspace.sync();
    expect(await readText(workspace, "/f")).toBe("first");
    const handle = await workspace.open("/f");
    gate.open();
    await syncing;
    for (let round = 0; round < 2; round += 1) {
      await workspace.sync().catch(() => undefined);
      expect(text(await handle.read(0, 10))).toBe("first");
    }
    await handle.close();
    await workspace.sync();
    expect(await workspace.stat("/d/f")).toMatchObject({ id: handle.id, parent: folder });
    expect(await readText(workspace, "/d/f")).toBe("second");
    expect(await names(workspace)).not.toContain("f");
  });

  test("keeps a folder that was removed elsewhere when a file in it is being written", async () => {
    const { workspace, devices } = await oneDevice();
    const other = await open(devices, 1);
    await workspace.createFolder("/d");
    await workspace.writeFile("/d/f", "first");
    await workspace.sync();
    await other.workspace.sync();
    const handle = await workspace.open("/d/f", { write: true });
    await handle.write(0, bytes("FIRST"));
    await other.workspace.remove("/d", { recursive: true });
    await other.workspace.sync();
    await workspace.sync().catch(() => undefined);
    await handle.close();
    await workspace.sync();
    expect(await readText(workspace, "/d/f")).toBe("FIRST");
    await other.workspace.sync();
    expect(await readText(other.workspace, "/d/f")).toBe("FIRST");
  });
});
