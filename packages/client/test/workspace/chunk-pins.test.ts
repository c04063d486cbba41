import { ChunkId } from "@parsec/types";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ChunkHold, ChunkPins } from "../../src/workspace/content/chunk-pins.ts";

const [a, b, c] = [ChunkId.generate(), ChunkId.generate(), ChunkId.generate()];

function pinsOver(stored: Set<ChunkId>, cached = new Set<ChunkId>()): ChunkPins {
  return new ChunkPins(async (ids, fate) => {
    await Promise.resolve();
    for (const id of ids) if (stored.delete(id) && fate === "cache") cached.add(id);
  });
}

function held(pins: ChunkPins, ...ids: readonly ChunkId[]): ChunkHold {
  const hold = pins.hold(ids);
  if (hold === undefined) throw new Error("just being deleted");
  return hold;
}

/** A change whose transaction deletes what it may. */
function drop(pins: ChunkPins, stored: Set<ChunkId>, dropped: readonly ChunkId[], named: readonly ChunkId[] = []) {
  return pins.storing({ named, dropped }, async (removable) => {
    await Promise.resolve();
    for (const id of removable) stored.delete(id);
    return removable;
  });
}

describe("a change", () => {
  test("deletes what nobody uses with it; what is in use goes when its last user leaves", async () => {
    const stored = new Set([a, b]);
    const pins = pinsOver(stored);
    const [one, two] = [held(pins, a), held(pins, a)];
    expect(await drop(pins, stored, [a, b])).toEqual([b]);
    one.release();
    one.release();
    await pins.idle();
    expect(stored).toEqual(new Set([a]));
    expect(pins.isAbandoned(a)).toBe(true);
    two.release();
    await pins.idle();
    expect(stored).toEqual(new Set());
    expect(pins.isHeld(a)).toBe(false);
  });

  test("that fails deletes nothing, neither now nor later", async () => {
    const stored = new Set([a, b]);
    const pins = pinsOver(stored);
    const hold = held(pins, a);
    const failure = new Error("full");
    await expect(pins.storing({ named: [], dropped: [a, b] }, () => Promise.reject(failure))).rejects.toBe(failure);
    hold.release();
    await pins.idle();
    expect(stored).toEqual(new Set([a, b]));
    held(pins, b).release();
  });

  test("that names again what only its users kept keeps it", async () => {
    const stored = new Set([a]);
    const pins = pinsOver(stored);
    const hold = held(pins, a);
    await drop(pins, stored, [a]);
    await drop(pins, stored, [], [a]);
    expect(pins.isAbandoned(a)).toBe(false);
    hold.release();
    await pins.idle();
    expect(stored).toEqual(new Set([a]));
  });

  test("that names what it drops keeps it", async () => {
    const stored = new Set([a]);
    const pins = pinsOver(stored);
    expect(await drop(pins, stored, [a], [a])).toEqual([]);
    expect(stored).toEqual(new Set([a]));
  });

  test("under way keeps others from beginning to use what it deletes, until it is over", async () => {
    const stored = new Set([a, b]);
    const pins = pinsOver(stored);
    let commit = () => {};
    const change = pins.storing({ named: [], dropped: [a] }, () => new Promise<void>((resolve) => (commit = resolve)));
    expect(pins.hold([b, a])).toBeUndefined();
    expect(pins.isHeld(b)).toBe(false);
    held(pins, b).release();
    const settled: string[] = [];
    void pins.settled([a]).then(() => settled.push("a"));
    void pins.settled([b]).then(() => settled.push("b"));
    void pins.settled([b, a]).then(() => settled.push("both"));
    await new Promise((resolve) => setTimeout(resolve));
    expect(settled).toEqual(["b"]);
    commit();
    await change;
    await pins.settled([a]);
    held(pins, a).release();
  });
});

describe("letting go", () => {
  test("of what is on the server makes it a cached block, once nobody uses it", async () => {
    const [stored, cached] = [new Set([a, b]), new Set<ChunkId>()];
    const pins = pinsOver(stored, cached);
    const hold = held(pins, a);
    pins.letGo([a, b], "cache");
    await pins.idle();
    expect(cached).toEqual(new Set([b]));
    hold.release();
    await pins.idle();
    expect(cached).toEqual(new Set([a, b]));
    expect(stored.size).toBe(0);
  });

  test("of what is on the server, and named again since, makes it a cached block all the same", async () => {
    const [stored, cached] = [new Set([a]), new Set<ChunkId>()];
    const pins = pinsOver(stored, cached);
    const hold = held(pins, a);
    pins.letGo([a], "cache");
    await drop(pins, stored, [], [a]);
    hold.release();
    await pins.idle();
    expect(cached).toEqual(new Set([a]));
  });

  test("deletes rather than caches, in whichever order both are asked for", async () => {
    for (const fates of [
      ["delete", "cache"],
      ["cache", "delete"],
    ] as const) {
      const [stored, cached] = [new Set([a]), new Set<ChunkId>()];
      const pins = pinsOver(stored, cached);
      const hold = held(pins, a);
      for (const fate of fates) pins.letGo([a], fate);
      hold.release();
      await pins.idle();
      expect([stored.size, cached.size]).toEqual([0, 0]);
    }
  });

  test("that the storage refuses is no failure of the user that left", async () => {
    const pins = new ChunkPins(() => Promise.reject(new Error("closed")));
    pins.letGo([a], "delete");
    await pins.idle();
  });

  test("what a hold takes on later is held too, and after its end nothing", () => {
    const pins = pinsOver(new Set());
    const hold = pins.holdNew();
    hold.add([a, a, b]);
    expect([a, b, c].map((id) => pins.isHeld(id))).toEqual([true, true, false]);
    hold.release();
    hold.add([c]);
    expect([a, b, c].map((id) => pins.isHeld(id))).toEqual([false, false, false]);
  });
});

// --- Random interleavings: several files, whose manifests name chunks, with readers and writers.

type Step =
  | { readonly kind: "read"; readonly file: number }
  | { readonly kind: "leave"; readonly reader: number }
  | { readonly kind: "write"; readonly file: number; readonly keep: boolean; readonly fails: boolean }
  | { readonly kind: "sent"; readonly file: number }
  | { readonly kind: "commit" }
  | { readonly kind: "tick" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("read" as const), file: fc.nat(2) }),
  fc.record({ kind: fc.constant("leave" as const), reader: fc.nat(5) }),
  fc.record({ kind: fc.constant("write" as const), file: fc.nat(2), keep: fc.boolean(), fails: fc.boolean() }),
  fc.record({ kind: fc.constant("sent" as const), file: fc.nat(2) }),
  fc.constant({ kind: "commit" as const }),
  fc.constant({ kind: "tick" as const }),
);

class Bench {
  readonly stored = new Set<ChunkId>();
  readonly cached = new Set<ChunkId>();
  readonly pins = pinsOver(this.stored, this.cached);
  readonly files: (readonly ChunkId[])[] = [[], [], []];
  /** Content that a hold must keep somewhere. */
  readonly readers: { readonly hold: ChunkHold; readonly ids: readonly ChunkId[] }[] = [];
  #commit: (() => void) | undefined;
  #change: Promise<unknown> = Promise.resolve();

  async run(next: Step): Promise<void> {
    switch (next.kind) {
      case "read": {
        const ids = this.files[next.file] ?? [];
        const hold = this.pins.hold(ids);
        if (hold !== undefined) this.readers.push({ hold, ids });
        return;
      }
      case "leave":
        this.readers.splice(next.reader, 1)[0]?.hold.release();
        return;
      case "write":
        await this.#write(next);
        return;
      case "sent":
        // Only what a manifest names and the server has: it may be read from either place.
        this.pins.letGo(this.files[next.file] ?? [], "cache");
        return;
      case "commit":
        await this.commit();
        return;
      case "tick":
        await Promise.resolve();
    }
  }

  async commit(): Promise<void> {
    this.#commit?.();
    this.#commit = undefined;
    await this.#change;
  }

  /** Stages a chunk; the change waits at its transaction until `commit`. */
  async #write({ file, keep, fails }: Extract<Step, { kind: "write" }>): Promise<void> {
    await this.commit();
    const before = this.files[file] ?? [];
    const staging = this.pins.hold(keep ? before : []);
    if (staging === undefined) return;
    const fresh = ChunkId.generate();
    staging.add([fresh]);
    this.stored.add(fresh);
    const after = keep ? [...before, fresh] : [fresh];
    const dropped = before.filter((id) => !after.includes(id));
    const gate = new Promise<void>((resolve) => {
      this.#commit = resolve;
    });
    this.#change = this.pins
      .storing({ named: after, dropped }, async (removable) => {
        await gate;
        if (fails) throw new Error("refused");
        for (const id of removable) this.stored.delete(id);
        this.files[file] = after;
      })
      .then(
        () => staging.release(),
        () => {
          this.pins.letGo([fresh], "delete");
          staging.release();
        },
      );
  }

  has(id: ChunkId): boolean {
    return this.stored.has(id) || this.cached.has(id);
  }
}

test("whatever happens at once: what is in use is there, and in the end exactly what is named", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const bench = new Bench();
      for (const next of steps) {
        await bench.run(next);
        for (const { ids } of bench.readers) expect(ids.every((id) => bench.has(id))).toBe(true);
        for (const ids of bench.files) expect(ids.every((id) => bench.has(id))).toBe(true);
      }
      await bench.commit();
      for (const { hold } of bench.readers) hold.release();
      await bench.pins.idle();
      const named = new Set(bench.files.flat());
      expect([...bench.stored].filter((id) => !named.has(id))).toEqual([]);
      expect([...named].every((id) => bench.has(id))).toBe(true);
    }),
    { numRuns: 500 },
  );
});
