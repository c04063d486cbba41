import { describe, expect, it } from "vitest";
import { forEachConcurrently } from "../src/index.ts";

const failure = new Error("failed");

/** A turn of the event loop: all promises that can settle have done so. */
const turn = () => new Promise<void>((resolve) => void setTimeout(resolve));

describe("forEachConcurrently", () => {
  it("runs the task on each item, never more at once than allowed", async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await forEachConcurrently([1, 2, 3, 4, 5], 2, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await turn();
      running -= 1;
      done.push(item);
    });
    expect(done.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it("reads an asynchronous source no faster than it works", async () => {
    let read = 0;
    let finished = 0;
    async function* source() {
      for (let i = 0; i < 6; i += 1) {
        read += 1;
        expect(read - finished).toBeLessThanOrEqual(2);
        yield i;
      }
    }
    await forEachConcurrently(source(), 2, async () => {
      await turn();
      finished += 1;
    });
    expect([read, finished]).toEqual([6, 6]);
  });

  it("rejects with the first failure, after the tasks under way, and closes the source", async () => {
    const finished: number[] = [];
    let closed = false;
    function* source() {
      try {
        for (let i = 0; ; i += 1) yield i;
      } finally {
        closed = true;
      }
    }
    const run = forEachConcurrently(source(), 2, async (item) => {
      if (item === 1) throw failure;
      await turn();
      finished.push(item);
    });
    await expect(run).rejects.toBe(failure);
    expect(finished).toContain(0);
    expect(closed).toBe(true);
  });

  it("rejects with the reason of an abort, after the tasks under way", async () => {
    const controller = new AbortController();
    const finished: number[] = [];
    const run = forEachConcurrently(
      [1, 2, 3],
      1,
      async (item) => {
        controller.abort(failure);
        await turn();
        finished.push(item);
      },
      { signal: controller.signal },
    );
    await expect(run).rejects.toBe(failure);
    expect(finished).toEqual([1]);
  });

  it("rejects when the source fails, after the tasks under way", async () => {
    const finished: number[] = [];
    async function* source() {
      yield 1;
      throw failure;
    }
    const run = forEachConcurrently(source(), 4, async (item) => {
      await turn();
      finished.push(item);
    });
    await expect(run).rejects.toBe(failure);
    expect(finished).toEqual([1]);
  });

  it("has nothing to do for an empty source", async () => {
    await forEachConcurrently([], 3, () => Promise.reject(failure));
  });

  it("settles at once when the signal aborts, with a source that never answers again, and starts nothing more", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const started: number[] = [];
    let returned = 0;
    const silent: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => {
        let given = 0;
        return {
          next: () => {
            given += 1;
            return given === 1 ? Promise.resolve({ done: false, value: 1 }) : new Promise<never>(() => undefined);
          },
          return: () => {
            returned += 1;
            return new Promise<never>(() => undefined);
          },
        };
      },
    };
    const task = async (item: number) => void started.push(item);
    const run = forEachConcurrently(silent, 2, task, { signal: controller.signal });
    await turn();
    controller.abort(reason);
    await expect(run).rejects.toBe(reason);
    expect(started).toEqual([1]);
    expect(returned).toBe(1);
  });

  it("starts no task for an item that came after the failure", async () => {
    const started: number[] = [];
    async function* source() {
      yield 1;
      await turn();
      yield 2;
    }
    const run = forEachConcurrently(source(), 2, async (item) => {
      started.push(item);
      throw failure;
    });
    await expect(run).rejects.toBe(failure);
    expect(started).toEqual([1]);
  });

  it("passes on the failure of a source, after the tasks under way", async () => {
    let finished = false;
    async function* source() {
      yield 1;
      throw failure;
    }
    const run = forEachConcurrently(source(), 2, async () => {
      await turn();
      finished = true;
    });
    await expect(run).rejects.toBe(failure);
    expect(finished).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN, "2"])("refuses a concurrency of %s", async (concurrency) => {
    const run = forEachConcurrently([1], concurrency as number, async () => undefined);
    await expect(run).rejects.toMatchObject({ code: "INVALID_ARGUMENT", argument: "concurrency" });
  });
});
