import { Readable } from "node:stream";
import type { OperationOptions } from "@parsec/base";
import type { ImportEntry, Workspace } from "@parsec/client";
import { ready } from "@parsec/crypto";
import type { VlobId } from "@parsec/types";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { silence } from "../support/scripted-network.ts";
import { type SimulatedDevice, type Simulation, simulation } from "../support/simulation.ts";
import { pattern, readText, workspaceOf } from "../support/two-devices.ts";

// Every operation of a workspace, with a server, a source, a reader or a tree that never answers again: an abort and a
// close settle it, whoever it waited for is told, and the next operation has its turn.

beforeAll(() => ready());

interface Scene {
  readonly sim: Simulation;
  readonly device: SimulatedDevice;
  /** Another one after each close. */
  workspace: Workspace;
  /** Whom operations waited for, and who was told that nobody does any more. */
  readonly waiting: Set<string>;
  /** A folder whose children this device does not know. */
  readonly folder: VlobId;
  readonly member: Parameters<Workspace["share"]>[0];
}

async function scene(): Promise<Scene> {
  const sim = await simulation();
  const there = await sim.device("Alicey", { index: 1, sync: "manual" });
  await there.session.refresh();
  const theirs = await workspaceOf({ session: there.session, close: async () => undefined });
  await theirs.createFolder("/dir");
  await theirs.writeFile("/dir/f", pattern(600_000));
  await theirs.writeFile("/large", pattern(600_000, 2));
  await theirs.sync();
  const device = await sim.device("Alicey", { sync: "manual" });
  await device.session.refresh();
  const workspace = await workspaceOf({ session: device.session, close: async () => undefined });
  await workspace.sync();
  const { id: folder } = await workspace.stat("/dir");
  await workspace.stat("/large");
  await workspace.writeFile("/mine", "mine");
  const member = device.session.users.list().find(({ id }) => id !== device.session.userId)?.id;
  if (member === undefined) throw new Error("nobody else is there");
  return { sim, device, workspace, waiting: new Set(), folder, member };
}

const never = () => new Promise<never>(() => undefined);

/** A stream that never gives anything. */
function silentStream({ waiting }: Scene): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start: () => {
      waiting.add("stream");
    },
    pull: never,
    cancel: () => {
      waiting.delete("stream");
      return never();
    },
  });
}

function silentReadable({ waiting }: Scene): Readable {
  waiting.add("readable");
  const readable = new Readable({ read: () => undefined });
  return readable.on("close", () => waiting.delete("readable"));
}

/** It does not even answer that it ends. */
function silentIterable<T>({ waiting }: Scene): AsyncIterable<T> {
  waiting.add("iterator");
  const end = () => {
    waiting.delete("iterator");
    return never();
  };
  return { [Symbol.asyncIterator]: () => ({ next: never, return: end }) };
}

async function* oneFile(open: () => AsyncIterable<Uint8Array>): AsyncGenerator<ImportEntry, void, undefined> {
  yield { kind: "file", names: ["new"], size: 5, open };
}

async function drained(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items) continue;
}

type Operation = (scene: Scene, options: OperationOptions) => Promise<unknown>;

/** What waits for the server. */
const remote: Readonly<Record<string, Operation>> = {
  stat: ({ workspace }, options) => workspace.stat("/dir/f", options),
  list: ({ workspace }, options) => drained(workspace.list("/dir", options)),
  listById: ({ workspace, folder }, options) => drained(workspace.listById(folder, options)),
  createFolder: ({ workspace }, options) => workspace.createFolder("/dir/f/x", options),
  createFile: ({ workspace }, options) => workspace.createFile("/dir/f", options),
  move: ({ workspace }, options) => workspace.move("/dir/f", "/moved", options),
  copy: ({ workspace }, options) => workspace.copy("/dir", "/copy", options),
  writeFile: ({ workspace }, options) => workspace.writeFile("/dir/f", "x", options),
  readFile: async ({ workspace }, options) => drained(await workspace.readFile("/large", options)),
  open: ({ workspace }, options) => workspace.open("/dir/f", options),
  "read of a handle": async ({ workspace }, options) => {
    const handle = await workspace.open("/large", options);
    return handle.read(0, 10, options);
  },
  "readable of a handle": async ({ workspace }, options) => {
    const handle = await workspace.open("/large", options);
    return drained(handle.readable(options));
  },
  import: ({ workspace }, options) =>
    workspace.import([{ kind: "file", names: ["f"], size: 1, open: () => "x" }], "/dir", options),
  sync: ({ workspace }, options) => workspace.sync(options),
  makeLocal: ({ workspace }, options) => workspace.makeLocal("/large", options),
  history: ({ workspace }, options) => workspace.history(options),
  versions: ({ workspace }, options) => drained(workspace.versions("/large", options)),
  removed: ({ workspace }, options) => drained(workspace.removed("/", options)),
  restore: ({ workspace }, options) => workspace.restore("/large", new Date(), options),
  verify: ({ workspace }, options) => drained(workspace.verify(options)),
  joinEditingSession: ({ workspace, folder }, options) =>
    workspace.joinEditingSession(folder, { viewKey: "v", editKey: "e" }, options),
  share: ({ workspace, member }, options) => workspace.share(member, "READER", options),
  unshare: ({ workspace, member }, options) => workspace.unshare(member, options),
  rename: ({ workspace }, options) => workspace.rename("Other", options),
  rotateKey: ({ workspace }, options) => workspace.rotateKey(options),
  archive: ({ workspace }, options) => workspace.archive({ type: "ARCHIVED" }, options),
};

/** What waits for somebody else of this device. */
const local: Readonly<Record<string, Operation>> = {
  "writeFile from a stream": (scene, options) => scene.workspace.writeFile("/new", silentStream(scene), options),
  "writeFile from a stream of Node": (scene, options) =>
    scene.workspace.writeFile("/new", silentReadable(scene), options),
  "writeFile from an iterator": (scene, options) =>
    scene.workspace.writeFile("/new", silentIterable<Uint8Array>(scene), options),
  "import of a tree": (scene, options) => scene.workspace.import(silentIterable<ImportEntry>(scene), "/in", options),
  "import of a file": (scene, options) =>
    scene.workspace.import(
      oneFile(() => silentIterable<Uint8Array>(scene)),
      "/in",
      options,
    ),
  watch: ({ workspace }, options) => drained(workspace.watch("/mine", options)),
};

/** How an operation ended, once nothing but the clock moves any more. */
async function outcomeOf(sim: Simulation, work: Promise<unknown>, clockMs: number): Promise<unknown> {
  let outcome: unknown = "still waiting";
  work.then(
    (value) => {
      outcome = { done: value };
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  await turns();
  sim.clock.advance(clockMs);
  await turns();
  return outcome;
}

async function expectWaiting(name: string, work: Promise<unknown>): Promise<void> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  work.then(settle, settle);
  await turns();
  expect.soft(isSettled, `${name}: settled before anybody asked`).toBe(false);
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Nobody holds anything that the next one needs. */
async function worksAgain({ device, workspace }: Scene): Promise<void> {
  device.network.rule = ({ pass }) => pass();
  await workspace.writeFile("/mine", "again");
  await workspace.move("/mine", "/renamed");
  await workspace.move("/renamed", "/mine");
  expect(await readText(workspace, "/mine")).toBe("again");
}

const everything = { ...remote, ...local };

describe.each([false, true])("a server that never answers (and is deaf: %s)", (isDeaf) => {
  const mute = (scene: Scene) => {
    scene.device.network.rule = (exchange) => (isDeaf ? never() : silence(exchange));
  };

  test("an abort settles every operation within 100 ms of the clock, by its own reason", async () => {
    const played = await scene();
    const { sim, waiting } = played;
    for (const [name, operation] of Object.entries(everything)) {
      mute(played);
      const abort = new AbortController();
      const reason = new Error(`enough of ${name}`);
      const running = operation(played, { signal: abort.signal });
      running.catch(() => undefined);
      await expectWaiting(name, running);
      abort.abort(reason);
      expect.soft(await outcomeOf(sim, running, 99), name).toBe(reason);
      expect.soft([...waiting], `${name}: who is still waited for`).toEqual([]);
      await worksAgain(played);
    }
  });

  test("a close of the workspace settles every operation, and it opens again", async () => {
    const played = await scene();
    const { sim, device, waiting } = played;
    for (const [name, operation] of Object.entries(everything)) {
      mute(played);
      const running = operation(played, {});
      running.catch(() => undefined);
      await expectWaiting(name, running);
      const closing = played.workspace.close();
      expect.soft(await outcomeOf(sim, running, 99), name).toMatchObject(
        // A watch has told all that there was.
        name === "watch" ? { done: undefined } : { code: "WORKSPACE_CLOSED" },
      );
      expect.soft(await outcomeOf(sim, closing, 0), name).toEqual({ done: undefined });
      expect.soft([...waiting], `${name}: who is still waited for`).toEqual([]);
      played.workspace = await device.session.workspaces.get(played.workspace.id);
      await worksAgain(played);
    }
  });
});

test("an operation begun with an aborted signal lets go of its source, and asks nobody", async () => {
  const played = await scene();
  const { device, waiting, sim } = played;
  const abort = new AbortController();
  const reason = new Error("before it began");
  abort.abort(reason);
  const before = device.network.sent.length;
  for (const [name, operation] of Object.entries(everything)) {
    expect.soft(await outcomeOf(sim, operation(played, { signal: abort.signal }), 0), name).toBe(reason);
    expect.soft([...waiting], `${name}: who is still waited for`).toEqual([]);
  }
  expect(device.network.sent.length).toBe(before);
});

test("a source that is refused for a path, or by a workspace that is closed, is let go", async () => {
  const played = await scene();
  const { workspace, waiting } = played;
  const refused = async (target: string) => {
    const all = [
      workspace.writeFile(target, silentStream(played)),
      workspace.writeFile(target, silentReadable(played)),
      workspace.writeFile(target, silentIterable<Uint8Array>(played)),
      workspace.import(silentIterable<ImportEntry>(played), target),
    ];
    const outcomes = await Promise.allSettled(all);
    await turns();
    expect([...waiting]).toEqual([]);
    return outcomes.map((outcome) => (outcome.status === "rejected" ? Reflect.get(outcome.reason, "code") : "done"));
  };
  expect(await refused("no path")).toEqual(Array.from({ length: 4 }, () => "NOT_ABSOLUTE"));
  await workspace.close();
  expect(await refused("/new")).toEqual(Array.from({ length: 4 }, () => "WORKSPACE_CLOSED"));
});

describe("cancel", () => {
  test("of a stream that waits for the server ends it at once, and is heard while a read is under way", async () => {
    const played = await scene();
    const { workspace, device, sim } = played;
    const handle = await workspace.open("/large");
    onTestFinished(() => handle.close());
    for (const open of [() => workspace.readFile("/large"), async () => handle.readable()]) {
      const reader = (await open()).getReader();
      device.network.rule = silence;
      const reading = reader.read();
      expect(await outcomeOf(sim, reading, 0)).toBe("still waiting");
      expect(await outcomeOf(sim, reader.cancel(), 99)).toEqual({ done: undefined });
      expect(await outcomeOf(sim, reading, 0)).toEqual({ done: { done: true, value: undefined } });
      await worksAgain(played);
    }
  });
});
