import { SettableClock } from "@parsec/base";
import { type ConnectionState, OfflineError } from "@parsec/connection";
import { expect, test } from "vitest";
import { ClientError } from "../../src/errors.ts";
import { Monitor } from "../../src/monitors/monitor.ts";
import type { ClientEvent } from "../../src/session/events.ts";

/** A session whose network state the test decides. */
function setUp() {
  const clock = new SettableClock(0);
  const events: ClientEvent[] = [];
  const told: unknown[] = [];
  const listeners = new Set<(state: ConnectionState) => void>();
  const connection = {
    state: { status: "offline" } as ConnectionState,
    onStateChange(listener: (state: ConnectionState) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const setState = (state: ConnectionState) => {
    connection.state = state;
    for (const listener of [...listeners]) listener(state);
  };
  const context = {
    clock,
    connection,
    events: { send: (event: ClientEvent) => events.push(event) },
    diagnostics: ({ fields }: { fields?: unknown }) => told.push(fields),
  };
  return { clock, context, events, told, setState, listeners };
}

/** Lets everything that waits for nothing but promises happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

test("triggers that come while it runs are one more run", async () => {
  const { context } = setUp();
  const ends: (() => void)[] = [];
  const monitor = new Monitor(context, {
    name: "test",
    action: () => new Promise<void>((resolve) => ends.push(resolve)),
  });
  for (let i = 0; i < 3; i += 1) monitor.trigger();
  expect(ends).toHaveLength(1);
  for (let i = 0; i < 3; i += 1) monitor.trigger();
  ends[0]?.();
  await settle();
  expect(ends).toHaveLength(2);
  ends[1]?.();
  await settle();
  expect(ends).toHaveLength(2);
  await monitor.stop();
});

test("no trigger is lost, whenever it comes", async () => {
  for (let turns = 0; turns < 10; turns += 1) {
    const { context } = setUp();
    let runs = 0;
    const monitor = new Monitor(context, {
      name: "test",
      action: () => {
        runs += 1;
        return Promise.resolve();
      },
    });
    monitor.trigger();
    for (let i = 0; i < turns; i += 1) await Promise.resolve();
    monitor.trigger();
    await settle();
    expect(runs).toBe(2);
  }
});

test("without network it waits three seconds, then for the server, and does the same again", async () => {
  const { context, clock, setState, listeners } = setUp();
  let runs = 0;
  const monitor = new Monitor(context, {
    name: "test",
    action: () => {
      runs += 1;
      return runs === 1 ? Promise.reject(new OfflineError("no network")) : Promise.resolve();
    },
  });
  monitor.trigger();
  await settle();
  expect(clock.pendingTimers).toBe(1);
  clock.advance(3000);
  await settle();
  expect([runs, listeners.size]).toEqual([1, 1]);
  setState({ status: "online" });
  await settle();
  expect([runs, listeners.size]).toEqual([2, 0]);
  await monitor.stop();
});

test("an error that the next trigger may mend is told, and passed over", async () => {
  const { context, events, told } = setUp();
  let runs = 0;
  const monitor = new Monitor(context, {
    name: "test",
    action: () => {
      runs += 1;
      return Promise.reject(new ClientError("REALM_DELETED"));
    },
  });
  monitor.trigger();
  await settle();
  monitor.trigger();
  await settle();
  expect(runs).toBe(2);
  expect(events).toEqual([]);
  expect(told).toEqual(Array(2).fill({ monitor: "test", code: "REALM_DELETED" }));
});

test("a bug ends it, and the application is told", async () => {
  const { context, events } = setUp();
  const error = new TypeError("a bug");
  let runs = 0;
  const monitor = new Monitor(context, {
    name: "test",
    action: () => {
      runs += 1;
      return Promise.reject(error);
    },
  });
  monitor.trigger();
  await settle();
  monitor.trigger();
  await settle();
  expect(runs).toBe(1);
  expect(events).toEqual([{ type: "monitor_crashed", monitor: "test", error }]);
});

test("stopping ends a run that waits, at once and without noise", async () => {
  const { context, events, clock } = setUp();
  const monitor = new Monitor(context, {
    name: "test",
    action: () => Promise.reject(new OfflineError("no network")),
  });
  monitor.trigger();
  await settle();
  await monitor.stop();
  expect(clock.pendingTimers).toBe(0);
  expect(events).toEqual([]);
});
