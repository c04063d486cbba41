import { describe, expect, it } from "vitest";
import { joinSignals, onAbort, orAbort, throwIfAborted } from "../src/index.ts";

const reason = new Error("enough");

describe("throwIfAborted", () => {
  it("throws the reason of the signal", () => {
    expect(() => throwIfAborted(AbortSignal.abort(reason))).toThrow(reason);
  });

  it("lets a live signal and no signal pass", () => {
    throwIfAborted(new AbortController().signal);
    throwIfAborted(undefined);
  });
});

describe("orAbort", () => {
  it("gives what the promise gives", async () => {
    const { signal } = new AbortController();
    await expect(orAbort(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(orAbort(Promise.reject(reason), signal)).rejects.toBe(reason);
    await expect(orAbort(Promise.resolve(2), undefined)).resolves.toBe(2);
  });

  it("rejects with the reason while the promise is pending", async () => {
    const controller = new AbortController();
    const pending = orAbort(new Promise<never>(() => undefined), controller.signal);
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
  });

  it("rejects at once when the signal has aborted, and swallows the later failure of the work", async () => {
    const failing = Promise.reject(new Error("later"));
    await expect(orAbort(failing, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it("leaves no listener behind", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const counting = Object.create(signal, {
      aborted: { value: false },
      addEventListener: { value: () => (listeners += 1) },
      removeEventListener: { value: () => (listeners -= 1) },
    }) as AbortSignal;
    await orAbort(Promise.resolve(), counting);
    await Promise.resolve();
    expect(listeners).toBe(0);
  });
});

describe("onAbort", () => {
  it("calls every listener once, in order, with one listener of the platform's", () => {
    const controller = new AbortController();
    let added = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      added += 1;
      add(...args);
    };
    const told: number[] = [];
    const same = () => told.push(-1);
    for (let k = 0; k < 40; k += 1) onAbort(signal, () => told.push(k));
    onAbort(signal, same);
    onAbort(signal, same);
    controller.abort();
    controller.abort();
    expect(told).toEqual([...Array.from({ length: 40 }, (_, k) => k), -1, -1]);
    expect(added).toBe(1);
  });

  it("forgets a listener that is taken away, and all of them with the last", () => {
    const controller = new AbortController();
    const { signal } = controller;
    let listening = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening -= 1;
      remove(...args);
    };
    const told: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const stopFirst = onAbort(signal, () => told.push("first"));
      const stopSecond = onAbort(signal, () => told.push("second"));
      stopFirst();
      stopFirst();
      expect(listening).toBe(1);
      stopSecond();
      expect(listening).toBe(0);
    }
    onAbort(signal, () => told.push("last"));
    controller.abort();
    expect(told).toEqual(["last"]);
  });

  it("lets a listener take another away, and listen anew, while it is called", () => {
    const controller = new AbortController();
    const told: string[] = [];
    onAbort(controller.signal, () => {
      told.push("first");
      stopSecond();
      onAbort(controller.signal, () => told.push("too late"));
    });
    const stopSecond = onAbort(controller.signal, () => told.push("second"));
    onAbort(controller.signal, () => told.push("third"));
    controller.abort();
    expect(told).toEqual(["first", "third"]);
  });

  it("calls nobody when there is no signal, or one that has aborted", () => {
    const told: string[] = [];
    onAbort(undefined, () => told.push("none"))();
    onAbort(AbortSignal.abort(), () => told.push("aborted"))();
    expect(told).toEqual([]);
  });
});

describe("joinSignals", () => {
  it("aborts with the reason of the first that aborts, and once", () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const { signal } = joinSignals(one.signal, undefined, two.signal);
    expect(signal.aborted).toBe(false);
    two.abort(reason);
    one.abort(new Error("later"));
    expect(signal.reason).toBe(reason);
  });

  it("is aborted from the start when one of them is", () => {
    const { signal } = joinSignals(new AbortController().signal, AbortSignal.abort(reason));
    expect(signal.reason).toBe(reason);
  });

  it("can be aborted by itself, and then aborts no other", () => {
    const one = new AbortController();
    const joined = joinSignals(one.signal);
    joined.abort(reason);
    expect(joined.signal.reason).toBe(reason);
    expect(one.signal.aborted).toBe(false);
  });

  it("follows nobody once it is released", () => {
    const one = new AbortController();
    const joined = joinSignals(one.signal);
    joined.release();
    one.abort(reason);
    expect(joined.signal.aborted).toBe(false);
  });
});
