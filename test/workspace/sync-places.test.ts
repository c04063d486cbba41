import { ready } from "@parsec/crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { Gate } from "../support/scripted-network.ts";
import { has, isClean, isIdle, online, simulation } from "../support/simulation.ts";
import { names, pattern, readText } from "../support/two-devices.ts";

// Entries whose place decides whether they are synchronized, on two devices that run by themselves.

beforeAll(() => ready());

describe("renamed out of confinement: uploaded without a further event", () => {
  test("a file", async () => {
    const sim = await simulation();
    const [, here] = await online(sim);
    const [, there] = await online(sim, "Alicey", 1);
    await here.writeFile("/draft.tmp", "content");
    await sim.until(() => isIdle(here));
    await here.move("/draft.tmp", "/draft");
    await sim.until(() => has(there, "/draft"));
    expect(await readText(there, "/draft")).toBe("content");
  });

  test("a new folder, with what is below it, deeply", async () => {
    const sim = await simulation();
    const [, here] = await online(sim);
    const [, there] = await online(sim, "Alicey", 1);
    await here.createFolder("/work.tmp/a/b", { recursive: true });
    await here.writeFile("/work.tmp/a/b/deep", "deep");
    await here.writeFile("/work.tmp/top", "top");
    await sim.until(() => isIdle(here));
    expect(await here.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
    await here.move("/work.tmp", "/work");
    await sim.until(() => isClean(here));
    await sim.until(() => has(there, "/work/a/b/deep"));
    expect(await readText(there, "/work/a/b/deep")).toBe("deep");
    expect(await readText(there, "/work/top")).toBe("top");
  });

  test("a folder that the server has, with a file written while it was confined", async () => {
    const sim = await simulation();
    const [, here] = await online(sim);
    const [, there] = await online(sim, "Alicey", 1);
    await here.createFolder("/work/sub", { recursive: true });
    await here.writeFile("/work/sub/f", "old");
    await sim.until(() => has(there, "/work/sub/f"));
    await here.move("/work", "/work.tmp");
    await sim.until(async () => isIdle(here) && !(await has(there, "/work")));
    await here.writeFile("/work.tmp/sub/f", "new");
    await there.writeFile("/elsewhere", "x");
    await sim.until(() => has(here, "/elsewhere"));
    await here.move("/work.tmp", "/back");
    await sim.until(async () => (await has(there, "/back/sub/f")) && (await readText(there, "/back/sub/f")) === "new");
  });

  test("moved inside of confinement first", async () => {
    const sim = await simulation();
    const [, here] = await online(sim);
    const [, there] = await online(sim, "Alicey", 1);
    for (const folder of ["/x.tmp", "/x.tmp/d", "/y.tmp"]) await here.createFolder(folder);
    await here.writeFile("/x.tmp/d/f", "content");
    await sim.until(() => isIdle(here));
    await here.move("/x.tmp/d", "/y.tmp/d");
    await sim.until(() => isIdle(here));
    await here.move("/y.tmp", "/y");
    await sim.until(() => has(there, "/y/d/f"));
    await here.move("/y", "/z.tmp");
    await here.move("/z.tmp/d", "/d");
    await sim.until(() => has(there, "/d/f"));
  });

  test("what goes back into confinement while it goes up stays here, and goes up once it is out again", async () => {
    const sim = await simulation();
    const [device, here] = await online(sim);
    const [, there] = await online(sim, "Alicey", 1);
    const gate = new Gate();
    device.network.rule = gate.before("block_create");
    await here.createFolder("/d");
    await here.writeFile("/d/f", pattern(1000));
    await sim.until(() => gate.waiting > 0);
    await here.move("/d", "/d.tmp");
    gate.open();
    await sim.until(() => isIdle(here));
    await here.move("/d.tmp", "/d");
    await sim.until(() => isClean(here));
    await sim.until(() => has(there, "/d/f"));
  });

  test("what another device changed meanwhile shows again on both, beside what stays here", async () => {
    const sim = await simulation();
    const [, here] = await online(sim);
    const [, there] = await online(sim, "Alicey", 1);
    await here.createFolder("/work");
    await here.writeFile("/work/f", "1");
    await sim.until(() => has(there, "/work/f"));
    const folder = await there.stat("/work");
    await here.move("/work", "/work.tmp");
    await there.writeFile("/work/f", "2");
    expect(folder.kind).toBe("folder");
    await sim.until(() => has(here, "/work/f"));
    expect(await readText(here, "/work/f")).toBe("2");
    expect(await readText(here, "/work.tmp/f")).toBe("1");
    await sim.until(() => isIdle(here) && isIdle(there));
    expect(await readText(there, "/work/f")).toBe("2");
    await here.move("/work.tmp", "/mine");
    await sim.until(() => has(there, "/mine/f"));
    expect(await readText(there, "/mine/f")).toBe("1");
  });
});

describe("on a slow line", () => {
  test("a file below a folder that moves: uploaded without a further event", async () => {
    const sim = await simulation();
    const [device, here] = await online(sim);
    const [, there] = await online(sim, "Alicey", 1);
    await here.createFolder("/a");
    await here.createFolder("/b");
    await sim.until(() => isClean(here));
    const gate = new Gate();
    device.network.rule = gate.before("block_create");
    await here.writeFile("/a/f", pattern(1000));
    await sim.until(() => gate.waiting > 0);
    await here.move("/a", "/b/a");
    await sim.pass(5_000);
    gate.open();
    await sim.until(() => has(there, "/b/a/f"));
    expect(await names(there, "/b/a")).toEqual(["f"]);
    expect(await isClean(here)).toBe(true);
  });

  test("a folder does not go up before what is new in it, unless that takes a minute", async () => {
    const sim = await simulation();
    const [device, here] = await online(sim);
    const gate = new Gate();
    device.network.rule = gate.before("block_create");
    await here.createFolder("/d");
    await here.writeFile("/d/slow", pattern(1000));
    await here.writeFile("/beside", pattern(0));
    await sim.until(() => gate.waiting > 0);
    await sim.pass(20_000);
    // What is empty, and nothing that names the slow one.
    expect(await here.stat("/beside")).toMatchObject({ needSync: false });
    expect(await here.stat("/d")).toMatchObject({ needSync: true });
    expect(await here.stat("/")).toMatchObject({ needSync: true });
    await sim.pass(45_000);
    expect(await here.stat("/d")).toMatchObject({ needSync: false });
    expect(await here.stat("/")).toMatchObject({ needSync: false });
    expect(await here.stat("/d/slow")).toMatchObject({ needSync: true });
    gate.open();
    await sim.until(() => isClean(here));
  });
});
