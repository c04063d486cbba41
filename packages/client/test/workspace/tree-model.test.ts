import { hasCode } from "@parsec/base";
import { ready } from "@parsec/crypto";
import { EntryName, FsPath, type VlobId } from "@parsec/types";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { deviceIds, type SeenEntry, SimulatedDevice, SimulatedServer } from "./support/simulated-devices.ts";

// Two or three devices change one tree in any order, with stale views, lost answers and restarts. Whatever they do: in the
// end all show the same, nothing is sent any more, and nothing is gone that nobody removed.

/** One step of a run. Numbers choose among what there is at that moment. */
type Step = readonly [kind: StepKind, device: number, a: number, b: number, c: number];
type StepKind = (typeof stepKinds)[number];
const stepKinds = [
  "folder",
  "write",
  "move",
  "remove",
  "pull",
  "pullPart",
  "push",
  "lostAnswer",
  "restart",
  "sync",
] as const;

const names = ["a", "b", "c", "d.tmp"].map((name) => EntryName.parse(name));

interface Truth {
  /** Words that must be visible, with the file they were written to. */
  readonly words: Map<string, VlobId>;
  /** Folders that must be visible. */
  readonly folders: Set<VlobId>;
}

class Run {
  readonly server = new SimulatedServer();
  readonly devices: readonly SimulatedDevice[];
  readonly truth: Truth = { words: new Map(), folders: new Set() };
  readonly log: string[] = [];
  #count = 0;
  /** Entries that were confined to a device at some time. */
  readonly #apart = new Set<VlobId>();

  constructor(count: number) {
    const words = new Map<string, string>();
    this.devices = deviceIds(count).map((id) => new SimulatedDevice(this.server, id, words));
  }

  async step([kind, which, a, b, c]: Step): Promise<void> {
    const device = this.devices[which % this.devices.length];
    if (device === undefined) return;
    try {
      await this.#do(device, kind, a, b, c);
    } catch (error) {
      const expected = [
        "ENTRY_EXISTS",
        "ENTRY_IS_FOLDER",
        "MOVE_INTO_ITSELF",
        "PARENT_IS_FILE",
        "PARENT_NOT_FOUND",
      ] as const;
      if (!hasCode(error, ...expected, "ENTRY_NOT_FOUND")) throw error;
    }
  }

  async #do(device: SimulatedDevice, kind: StepKind, a: number, b: number, c: number): Promise<void> {
    const seen = [...device.see()];
    const folders = [FsPath.root, ...seen.filter(([, { word }]) => word === undefined).map(([path]) => path)];
    const place = FsPath.join(pick(folders, a) ?? FsPath.root, pick(names, b) ?? EntryName.parse("x"));
    const name = device.id.slice(4, 5);
    switch (kind) {
      case "folder": {
        this.truth.folders.add(await device.createFolder(place));
        this.log.push(`${name} mkdir ${place}`);
        return;
      }
      case "write": {
        const path =
          c % 2 === 0
            ? place
            : (pick(
                seen.filter(([, { word }]) => word !== undefined),
                a,
              )?.[0] ?? place);
        this.#count += 1;
        // Now and then two devices write the same.
        const word = (b + c) % 5 === 0 ? "same" : `w${this.#count}`;
        const { id, before } = await device.writeFile(path, word);
        if (before !== undefined) this.truth.words.delete(before);
        if (word !== "same") this.truth.words.set(word, id);
        this.log.push(`${name} write ${path} ${word}`);
        return;
      }
      case "move": {
        const from = pick(seen, c);
        if (from === undefined) return;
        const replaced = seen.find(([path]) => path === place);
        const gone = replaced === undefined ? [] : [...device.see(replaced[0], replaced[1].id).values()];
        const moved = new Set([...device.see(from[0], from[1].id).values()].map(({ id }) => id));
        await device.move(from[0], place, { replace: (a + b) % 2 === 0 });
        for (const { id, word } of gone) if (!moved.has(id)) this.#forget(id, word);
        // To all others, what is confined to one device is removed, whatever they do with it meanwhile.
        if (place.includes(".tmp")) for (const id of moved) this.#apart.add(id);
        this.log.push(`${name} mv ${from[0]} ${place}`);
        return;
      }
      case "remove": {
        const target = pick(seen, c);
        if (target === undefined) return;
        const gone = [...device.see(target[0], target[1].id).values()];
        await device.remove(target[0]);
        for (const { id, word } of gone) this.#forget(id, word);
        this.log.push(`${name} rm ${target[0]}`);
        return;
      }
      case "pull":
      case "pullPart": {
        const ids = shuffled(device.poll(), a);
        const part = kind === "pull" ? ids : ids.slice(0, b % (ids.length + 1));
        await device.pull(part, kind === "pull" || c % 2 === 0);
        if (kind === "pull") expect(await device.lost(), "waits for an upload, and no path leads to it").toEqual([]);
        this.log.push(`${name} ${kind} ${part.length}/${ids.length}`);
        return;
      }
      case "push":
      case "lostAnswer": {
        const id = pick(device.dirty(), a);
        if (id === undefined) return;
        const done = await device.push(id, kind === "push" ? "arrives" : "is lost");
        this.log.push(`${name} ${kind} ${id.slice(0, 6)} ${done}`);
        return;
      }
      case "restart":
        device.restart();
        this.log.push(`${name} restart`);
        return;
      case "sync":
        await device.sync();
        this.log.push(`${name} sync`);
        return;
    }
  }

  #forget(id: VlobId, word: string | undefined): void {
    if (word === undefined) this.truth.folders.delete(id);
    else this.truth.words.delete(word);
  }

  async finish(): Promise<void> {
    await this.#comeToRest();
    this.server.skip();
    for (const device of this.devices) {
      device.restart();
      await device.pull([]);
    }
    await this.#comeToRest();
  }

  async #comeToRest(): Promise<void> {
    for (let round = 0; round < 12; round += 1) {
      let isQuiet = true;
      for (const device of this.devices) if (await device.sync()) isQuiet = false;
      if (isQuiet) return;
    }
    throw new Error("the devices do not come to rest");
  }

  async check(): Promise<void> {
    const apart = this.#keptApart();
    const [first, ...others] = this.devices.map((device) => shown(device, apart));
    for (const other of others) expect(other).toEqual(first);
    for (const device of this.devices) {
      const seen = [...device.see().values()];
      const words = new Set([...seen, ...apart.values()].map(({ word }) => word));
      const ids = new Set([...seen.map(({ id }) => id), ...apart.keys()]);
      const wordsGone = [...this.truth.words].filter(([word, id]) => !words.has(word) && !this.#wasApart(id));
      expect(wordsGone, "words that are gone").toEqual([]);
      const foldersGone = [...this.truth.folders].filter((id) => !ids.has(id) && !this.#wasApart(id));
      expect(foldersGone, "folders that are gone").toEqual([]);
      expect(await device.waiting(), "left to upload").toEqual([]);
      expect(await device.lost(), "no path leads to it").toEqual([]);
    }
  }

  /** What devices keep, or kept, for themselves, with all below: there they need not agree. */
  #keptApart(): ReadonlyMap<VlobId, SeenEntry> {
    const apart = new Map<VlobId, SeenEntry>();
    for (const device of this.devices) {
      for (const [path, entry] of device.see()) {
        if (!path.includes(".tmp") && !this.#apart.has(entry.id)) continue;
        for (const below of device.see(path, entry.id).values()) apart.set(below.id, below);
      }
    }
    return apart;
  }

  /** Whether an entry was created in, or moved into, what was confined at some time. */
  #wasApart(id: VlobId): boolean {
    for (const device of this.devices) {
      for (let at: VlobId | undefined = id, steps = 0; at !== undefined && steps < 50; steps += 1) {
        if (this.#apart.has(at)) return true;
        at = device.local.get(at)?.parent;
      }
    }
    return false;
  }
}

function shown(device: SimulatedDevice, apart: ReadonlyMap<VlobId, unknown>): Record<string, string> {
  const lines = [...device.see()].filter(([, { id }]) => !apart.has(id));
  return Object.fromEntries(lines.map(([path, { id, word }]) => [path, `${id} ${word ?? "/"}`]).sort());
}

function pick<T>(items: readonly T[], number: number): T | undefined {
  return items[number % Math.max(1, items.length)];
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const left = [...items];
  const result: T[] = [];
  for (let state = seed + 1; left.length > 0; state = (state * 1103515245 + 12345) % 2147483648) {
    result.push(...left.splice(state % left.length, 1));
  }
  return result;
}

/** Ids decide which of two goes first: the same run has the same ids. */
function sameIdsEachTime(): void {
  let state = 1;
  vi.spyOn(globalThis.crypto, "getRandomValues").mockImplementation((array) => {
    if (array instanceof Uint8Array) {
      for (let i = 0; i < array.length; i += 1) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        array[i] = state >>> 24;
      }
    }
    return array;
  });
}

async function play(count: number, steps: readonly Step[]): Promise<void> {
  sameIdsEachTime();
  const run = new Run(count);
  try {
    for (const step of steps) await run.step(step);
    await run.finish();
    await run.check();
  } catch (error) {
    throw new Error(run.log.join("\n"), { cause: error });
  }
}

const number = fc.nat(1000);
const step: fc.Arbitrary<Step> = fc.tuple(fc.constantFrom(...stepKinds), fc.nat(2), number, number, number);

beforeAll(() => ready());
afterEach(() => vi.restoreAllMocks());

describe("any order of changes", () => {
  test.each([2, 3])("of %d devices", async (count) => {
    const run = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: "max" }), (steps) =>
      play(count, steps),
    );
    await fc.assert(run, { numRuns: Number(process.env["PARSEC_TREE_RUNS"] ?? 150) });
  });
});
