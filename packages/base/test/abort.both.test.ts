import { describe, expect, it } from "vitest";
import { orAbort, throwIfAborted } from "../src/index.ts";

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
