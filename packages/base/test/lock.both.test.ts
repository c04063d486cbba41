import { describe, expect, it } from "vitest";
import { KeyedMutex, Mutex, Semaphore } from "../src/index.ts";

const reason = new Error("enough");

/** A task that waits for its gate to be opened, and a log of what started. */
function gated() {
  const started: string[] = [];
  const gates = new Map<string, () => void>();
  const task = (name: string) => () =>
    new Promise<string>((resolve) => {
      started.push(name);
      gates.set(name, () => resolve(name));
    });
  return { started, task, open: (name: string) => gates.get(name)?.() };
}

describe("Semaphore", () => {
  it("lets as many run as it has permits, the others in order of arrival", async () => {
    const semaphore = new Semaphore(2);
    const { started, task, open } = gated();
    const runs = ["a", "b", "c", "d"].map((name) => semaphore.run(task(name)));
    await Promise.resolve();
    expect(started).toEqual(["a", "b"]);
    open("b");
    await runs[1];
    expect(started).toEqual(["a", "b", "c"]);
    open("a");
    await runs[0];
    open("c");
    open("d");
    expect(await Promise.all(runs)).toEqual(["a", "b", "c", "d"]);
  });

  it("frees its permit when the task fails", async () => {
    const mutex = new Mutex();
    await expect(mutex.run(() => Promise.reject(reason))).rejects.toBe(reason);
    await expect(
      mutex.run(() => {
        throw reason;
      }),
    ).rejects.toBe(reason);
    await expect(mutex.run(() => 1)).resolves.toBe(1);
  });

  it("does not run a task whose signal aborts while it waits, and gives its turn to the next", async () => {
    const mutex = new Mutex();
    const { started, task, open } = gated();
    const controller = new AbortController();
    const first = mutex.run(task("a"));
    const aborted = mutex.run(task("b"), { signal: controller.signal });
    const last = mutex.run(task("c"));
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    open("a");
    await first;
    open("c");
    await last;
    expect(started).toEqual(["a", "c"]);
  });

  it("refuses a signal that has aborted, without taking a permit", async () => {
    const mutex = new Mutex();
    await expect(mutex.run(() => 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(mutex.run(() => 2)).resolves.toBe(2);
  });
});

describe("KeyedMutex", () => {
  it("keeps apart what has another key", async () => {
    const mutex = new KeyedMutex<string>();
    const { started, task, open } = gated();
    const runs = [mutex.run("x", task("x1")), mutex.run("x", task("x2")), mutex.run("y", task("y1"))];
    await Promise.resolve();
    expect(started).toEqual(["x1", "y1"]);
    open("x1");
    await runs[0];
    expect(started).toEqual(["x1", "y1", "x2"]);
    open("x2");
    open("y1");
    await Promise.all(runs);
  });

  it("can be used again once nobody holds the key", async () => {
    const mutex = new KeyedMutex<number>();
    await expect(mutex.run(1, () => Promise.reject(reason))).rejects.toBe(reason);
    await expect(mutex.run(1, () => "again")).resolves.toBe("again");
  });
});
