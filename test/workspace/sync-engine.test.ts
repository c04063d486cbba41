import type { Progress } from "@parsec/base";
import { SyncIncompleteError } from "@parsec/client";
import { ready } from "@parsec/crypto";
import { vlobUpdate } from "@parsec/protocol";
import { decode, encode } from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { answer, Gate, silence } from "../support/scripted-network.ts";
import { has, isClean, isIdle, online, simulation } from "../support/simulation.ts";
import { pattern, workspaceOf } from "../support/two-devices.ts";

// The sync engine over the real server, on a clock that the test moves.

const blocksize = 512 * 1024;

beforeAll(() => ready());

describe("one uploader for each workspace", () => {
  test("automatic sync and sync() at once: each block goes up once, and progress is shared", async () => {
    const sim = await simulation();
    const [device, workspace] = await online(sim);
    const gate = new Gate();
    device.network.rule = gate.before("block_create", 6);
    await workspace.writeFile("/large", pattern(20 * blocksize + 5));
    await sim.until(() => gate.waiting > 0);
    const seen: Progress[][] = [[], []];
    const calls = seen.map((progress) => workspace.sync({ onProgress: (now) => progress.push(now) }));
    await sim.until(() => device.network.count("vlob_poll_changes") > 1);
    gate.open();
    await Promise.all(calls);
    expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
    expect(device.network.count("block_create")).toBe(21);
    expect(device.network.count("vlob_create")).toBe(1);
    for (const progress of seen) {
      const last = progress.at(-1);
      expect(last?.done).toBe(last?.total);
      expect(last?.total).toBeGreaterThan(14 * blocksize);
      const done = progress.map((step) => step.done);
      expect(done).toEqual(done.toSorted((one, other) => one - other));
    }
  });

  test("progress counts clear bytes, and ends at its total", async () => {
    const sim = await simulation();
    const [, workspace] = await online(sim);
    await workspace.writeFile("/a", pattern(3 * blocksize));
    await workspace.writeFile("/b", pattern(100));
    const progress: Progress[] = [];
    const total = 3 * blocksize + 100;
    expect(await workspace.pendingUploads()).toEqual({ entries: 3, bytes: total });
    await workspace.sync({ onProgress: (now) => progress.push(now) });
    expect(progress.at(-1)).toEqual({ done: total, total });
    expect(progress.every((step) => step.total === total)).toBe(true);
    expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  });

  test("a listener of one caller that throws fails that caller alone", async () => {
    const sim = await simulation();
    const [, workspace] = await online(sim);
    await workspace.writeFile("/a", pattern(100));
    const error = new Error("not mine to handle");
    const failing = workspace.sync({
      onProgress: () => {
        throw error;
      },
    });
    const other = workspace.sync();
    await expect(failing).rejects.toBe(error);
    await other;
    expect(await isClean(workspace)).toBe(true);
  });
});

describe("sync() tells the truth", () => {
  test("eight merges in a row: it does not claim success, and names the entry", async () => {
    const sim = await simulation();
    const [device, workspace] = await online(sim);
    await workspace.writeFile("/contested", "1");
    await workspace.writeFile("/other", "1");
    await workspace.sync();
    const { id } = await workspace.stat("/contested");
    await workspace.writeFile("/contested", "2");
    await workspace.writeFile("/other", "2");
    let lies = 0;
    device.network.rule = async ({ command, request, pass }) => {
      if (command !== "vlob_update" || decode(vlobUpdate.request, request.body ?? new Uint8Array()).vlobId !== id)
        return pass();
      lies += 1;
      return answer(200, { body: encode(vlobUpdate.reply, { status: "bad_vlob_version" }) });
    };
    const error = await workspace.sync().catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(SyncIncompleteError);
    expect(error).toMatchObject({
      code: "SYNC_INCOMPLETE",
      left: [{ id, path: "/contested", reason: "ENTRY_CONTESTED", error: { code: "ENTRY_CONTESTED" } }],
    });
    expect(lies).toBe(9);
    expect(await workspace.pendingUploads()).toMatchObject({ entries: 1 });
    expect(await workspace.stat("/other")).toMatchObject({ needSync: false });
    expect(workspace.syncState.setAside).toMatchObject([{ id, path: "/contested", reason: "ENTRY_CONTESTED" }]);
    device.network.rule = ({ pass }) => pass();
    await sim.until(() => isClean(workspace));
    await sim.until(() => isIdle(workspace));
    expect(workspace.syncState.setAside).toEqual([]);
  });

  test("what is confined to this device is not waited for, and does not count", async () => {
    const sim = await simulation();
    const [, workspace] = await online(sim);
    await workspace.createFolder("/work.tmp");
    await workspace.writeFile("/work.tmp/draft", pattern(1000));
    await workspace.writeFile("/notes.tmp", pattern(1000));
    expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
    await workspace.sync();
    expect(await workspace.stat("/notes.tmp")).toMatchObject({ needSync: true });
  });

  test("an abort ends the wait of one caller, at once; the others and the work go on", async () => {
    const sim = await simulation();
    const [device, workspace] = await online(sim);
    const gate = new Gate();
    device.network.rule = gate.before("block_create");
    await workspace.writeFile("/f", pattern(1000));
    const controller = new AbortController();
    const aborted = workspace.sync({ signal: controller.signal });
    const other = workspace.sync();
    await sim.until(() => gate.waiting > 0);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await expect(workspace.sync({ signal: controller.signal })).rejects.toBe(reason);
    gate.open();
    await other;
    expect(device.network.count("block_create")).toBe(1);
  });

  test("an abort ends the work too where nothing goes on by itself, and the next call does it again", async () => {
    const sim = await simulation();
    const device = await sim.device("Alicey", { sync: "manual" });
    await device.session.refresh();
    const workspace = await workspaceOf({ session: device.session, close: async () => undefined });
    await workspace.sync();
    await workspace.writeFile("/f", pattern(1000));
    const held = new Gate();
    device.network.rule = async (exchange) => {
      if (exchange.command !== "block_create") return exchange.pass();
      held.waiting += 1;
      return silence(exchange);
    };
    const controller = new AbortController();
    const aborted = workspace.sync({ signal: controller.signal });
    await sim.until(() => held.waiting === 1);
    controller.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    device.network.rule = ({ pass }) => pass();
    const before = device.network.sent.length;
    await sim.pass(120_000);
    expect(device.network.sent.length).toBe(before);
    expect(workspace.syncState.status).toBe("idle");
    await workspace.sync();
    expect(await isClean(workspace)).toBe(true);
  });

  test("whoever may only read is told what cannot go up", async () => {
    const sim = await simulation();
    const [alice, hers] = await online(sim);
    const [bob, his] = await online(sim, "Boby");
    await alice.session.workspaces.get(hers.id);
    await hers.share(bob.session.userId, "CONTRIBUTOR");
    await sim.until(() => his.role === "CONTRIBUTOR");
    bob.network.rule = async (exchange) => (exchange.command === "vlob_create" ? silence(exchange) : exchange.pass());
    await his.writeFile("/mine", "x");
    await hers.share(bob.session.userId, "READER");
    await sim.until(() => his.role === "READER");
    bob.network.rule = ({ pass }) => pass();
    await expect(his.sync()).rejects.toMatchObject({
      code: "SYNC_INCOMPLETE",
      left: expect.arrayContaining([expect.objectContaining({ path: "/mine", reason: "READ_ONLY" })]),
    });
    await sim.until(() => his.syncState.status === "waiting");
    expect(his.syncState).toMatchObject({ status: "waiting", reason: "READ_ONLY" });
    await hers.share(bob.session.userId, "CONTRIBUTOR");
    await sim.until(() => isClean(his));
    await sim.until(() => has(hers, "/mine"));
  });

  test("a file that changes all the time is left for later, and the others are not", async () => {
    const sim = await simulation();
    const [device, workspace] = await online(sim);
    await workspace.writeFile("/restless", "0");
    await workspace.sync();
    const { id } = await workspace.stat("/restless");
    let writes = 0;
    device.network.rule = async ({ command, request, pass }) => {
      if (command === "vlob_update" && decode(vlobUpdate.request, request.body ?? new Uint8Array()).vlobId === id) {
        writes += 1;
        await workspace.writeFile("/restless", `again ${writes}`);
      }
      return pass();
    };
    await workspace.writeFile("/restless", "1");
    await workspace.writeFile("/calm", "1");
    await expect(workspace.sync()).rejects.toMatchObject({
      code: "SYNC_INCOMPLETE",
      left: [{ path: "/restless", reason: "ENTRY_BUSY" }],
    });
    expect(writes).toBeGreaterThanOrEqual(8);
    expect(writes).toBeLessThanOrEqual(16);
    expect(await workspace.stat("/calm")).toMatchObject({ needSync: false });
    device.network.rule = ({ pass }) => pass();
    await sim.until(() => isClean(workspace));
    // Nobody waits any more: it goes up by itself, as any other.
    await workspace.writeFile("/restless", "at rest");
    await sim.until(() => isClean(workspace));
    await workspace.sync();
  });
});
