import { afterEach, describe, expect, it, vi } from "vitest";
import { delay, IncreasingClock, maxAheadMicros, SettableClock, systemClock } from "../src/index.ts";

const reason = new Error("enough");

describe("systemClock", () => {
  it("tells whole microseconds of the wall clock", () => {
    const before = Date.now() * 1000;
    const now = systemClock.now();
    expect(Number.isSafeInteger(now)).toBe(true);
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now() * 1000);
  });

  it("runs a timer, unless it is cancelled", async () => {
    const ran: string[] = [];
    systemClock.timer(0, () => ran.push("cancelled")).cancel();
    await new Promise<void>((resolve) => systemClock.timer(1, resolve));
    expect(ran).toEqual([]);
  });
});

describe("systemClock, for longer than platforms count", () => {
  afterEach(() => vi.useRealTimers());

  it.each([2 ** 31, 60 * 86_400_000])("waits %i ms, and not a moment less", (delayMs) => {
    vi.useFakeTimers();
    const run = vi.fn<() => void>();
    systemClock.timer(delayMs, run);
    vi.advanceTimersByTime(delayMs - 1);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("can be cancelled at any time, and asks the platform for no more than it counts", () => {
    vi.useFakeTimers();
    const asked = vi.spyOn(globalThis, "setTimeout");
    const timer = systemClock.timer(Number.POSITIVE_INFINITY, () => undefined);
    vi.advanceTimersByTime(2 ** 31);
    timer.cancel();
    expect(vi.getTimerCount()).toBe(0);
    expect(asked.mock.calls.map(([, ms]) => ms)).toEqual([2 ** 31 - 1, 2 ** 31 - 1]);
    asked.mockRestore();
  });
});

describe("SettableClock", () => {
  it("stands still until it is moved", () => {
    const clock = new SettableClock(5);
    expect(clock.now()).toBe(5);
    clock.advance(2);
    expect(clock.now()).toBe(2005);
    clock.set(1);
    expect(clock.now()).toBe(1);
  });

  it("fires timers in the order of their due time, each at its own time", () => {
    const clock = new SettableClock(0);
    const fired: [string, number][] = [];
    const fire = (name: string) => () => fired.push([name, clock.now()]);
    clock.timer(20, fire("b"));
    clock.timer(10, () => {
      fire("a")();
      clock.timer(5, fire("nested"));
    });
    clock.timer(31, fire("late"));
    clock.advance(30);
    expect(fired).toEqual([
      ["a", 10_000],
      ["nested", 15_000],
      ["b", 20_000],
    ]);
    expect(clock.pendingTimers).toBe(1);
    expect(clock.now()).toBe(30_000);
  });

  it("does not fire a cancelled timer, nor any when it is set", () => {
    const clock = new SettableClock(0);
    let fired = 0;
    const timer = clock.timer(1, () => (fired += 1));
    clock.timer(1, () => (fired += 1));
    timer.cancel();
    timer.cancel();
    clock.set(10_000);
    expect(fired).toBe(0);
    clock.advance(0);
    expect(fired).toBe(1);
  });
});

describe("delay", () => {
  it("ends when its time has come", async () => {
    const clock = new SettableClock(0);
    const waiting = delay(clock, 3);
    clock.advance(3);
    await waiting;
    expect(clock.pendingTimers).toBe(0);
  });

  it("rejects with the reason of an abort and frees its timer", async () => {
    const clock = new SettableClock(0);
    const controller = new AbortController();
    const waiting = delay(clock, 3, { signal: controller.signal });
    expect(clock.pendingTimers).toBe(1);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(clock.pendingTimers).toBe(0);
  });

  it("does not begin when the signal has aborted", async () => {
    const clock = new SettableClock(0);
    await expect(delay(clock, 3, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("IncreasingClock", () => {
  it("never gives the same instant twice, even when time stands still or steps back", () => {
    const time = new SettableClock(100);
    const clock = new IncreasingClock(time);
    expect([clock.next(), clock.next()]).toEqual([100, 101]);
    time.set(50);
    expect(clock.next()).toBe(102);
    time.set(1000);
    expect(clock.next()).toBe(1000);
  });

  it("begins anew when the clock is set back by more than servers accept, and not before", () => {
    const time = new SettableClock(1_000_000_000);
    const clock = new IncreasingClock(time);
    clock.next();
    time.set(1_000_000_001 - maxAheadMicros);
    expect(clock.next()).toBe(1_000_000_001);
    time.set(1_000_000_001 - maxAheadMicros);
    expect(clock.next()).toBe(1_000_000_001 - maxAheadMicros);
  });

  it("gives an instant after the one that is asked for", () => {
    const clock = new IncreasingClock(new SettableClock(100));
    expect(clock.next(500)).toBe(501);
    expect(clock.next(10)).toBe(502);
  });
});
