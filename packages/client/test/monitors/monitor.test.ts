import { SettableClock } from "@parsec/base";
import { OfflineError } from "@parsec/connection";
import { VlobId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import { ClientError } from "../../src/errors.ts";
import { Monitor } from "../../src/monitors/monitor.ts";
import { type ClientEvent, EventHub } from "../../src/session/events.ts";

/** A session without network, whose events the test sends. */
function setUp() {
  const clock = new SettableClock(1_000_000_000);
  const closing = new AbortController();
  const events = new EventHub();
  const sent: ClientEvent[] = [];
  events.onAny((event) => sent.push(event));
  const told: unknown[] = [];
  const diagnostics = ({ fields }: { fields?: unknown }) => told.push(fields);
  return { clock, context: { clock, events, diagnostics, signal: closing.signal }, closing, events, sent, told };
}

const online: ClientEvent = { type: "connection", state: { status: "online" } };

/** An action that fails so many times with that error, and counts its runs. */
function failing(error: unknown, times = Number.POSITIVE_INFINITY) {
  const runs = { count: 0 };
  const action = () => {
    runs.count += 1;
    return runs.count <= times ? Promise.reject(error) : Promise.resolve();
  };
  return { runs, action };
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

describe("what fails is done again", () => {
  test("after three seconds, then after twice as long each time, at most a minute", async () => {
    const { context, clock } = setUp();
    const { runs, action } = failing(new OfflineError("no network"));
    new Monitor(context, { name: "test", action }).trigger();
    await settle();
    for (const [attempt, seconds] of [3, 6, 12, 24, 48, 60, 60].entries()) {
      expect(clock.pendingTimers).toBe(1);
      clock.advance(seconds * 1000 - 1);
      await settle();
      expect(runs.count).toBe(attempt + 1);
      clock.advance(1);
      await settle();
      expect(runs.count).toBe(attempt + 2);
    }
  });

  test.each([
    online,
    { type: "new_certificates", count: 1 },
    { type: "workspaces_changed" },
    { type: "missed_server_events" },
  ] as const)("as soon as there are news: $type", async (news) => {
    const { context, clock, events } = setUp();
    const { runs, action } = failing(new OfflineError("no network"), 1);
    const monitor = new Monitor(context, { name: "test", action });
    monitor.trigger();
    await settle();
    expect(monitor.failure).toMatchObject({ code: "OFFLINE" });
    expect(monitor.nextTry).toBe(clock.now() / 1000 + 3000);
    events.send({ type: "workspace_created_locally", realmId: VlobId.generate() });
    events.send({ type: "connection", state: { status: "offline" } });
    await settle();
    expect(runs.count).toBe(1);
    events.send(news);
    await settle();
    expect([runs.count, clock.pendingTimers, monitor.failure]).toEqual([2, 0, undefined]);
    events.send(news);
    await settle();
    expect(runs.count).toBe(2);
  });

  test("the pause begins anew after a success, and goes on growing after news that mended nothing", async () => {
    const { context, clock, events } = setUp();
    const runs: number[] = [];
    const isFailing = [true, true, false, true];
    const monitor = new Monitor(context, {
      name: "test",
      action: () => {
        runs.push(clock.now());
        return isFailing[runs.length - 1] === true ? Promise.reject(new OfflineError("no")) : Promise.resolve();
      },
    });
    monitor.trigger();
    await settle();
    events.send(online);
    await settle();
    expect(monitor.nextTry).toBe(clock.now() / 1000 + 6000);
    clock.advance(6000);
    await settle();
    expect(monitor.failure).toBeUndefined();
    monitor.trigger();
    await settle();
    expect(monitor.nextTry).toBe(clock.now() / 1000 + 3000);
  });

  test("when a clock that was far ahead is set right", async () => {
    const { context, clock } = setUp();
    const { runs, action } = failing(new OfflineError("no network"), 1);
    const monitor = new Monitor(context, { name: "test", action });
    clock.set(2_000_000_000_000_000);
    monitor.trigger();
    await settle();
    clock.set(1_000_000_000_000_000);
    expect(monitor.failure).toBeUndefined();
    monitor.trigger();
    await settle();
    expect(runs.count).toBe(2);
  });

  test("what only news can mend is not tried by a timer", async () => {
    const { context, clock, events } = setUp();
    const { runs, action } = failing(new ClientError("REALM_DELETED"), 1);
    const monitor = new Monitor(context, { name: "test", action });
    monitor.trigger();
    await settle();
    expect([clock.pendingTimers, monitor.nextTry]).toEqual([0, Number.POSITIVE_INFINITY]);
    events.send({ type: "workspaces_changed" });
    await settle();
    expect(runs.count).toBe(2);
  });
});

test("a trigger does not end a pause that everything has to make, but any other", async () => {
  for (const [error, count] of [
    [new OfflineError("no network"), 1],
    [new ClientError("REALM_ACCESS_DENIED"), 2],
  ] as const) {
    const { context } = setUp();
    const { runs, action } = failing(error);
    const monitor = new Monitor(context, { name: "test", action });
    monitor.trigger();
    await settle();
    monitor.trigger();
    await settle();
    expect(runs.count, error.code).toBe(count);
  }
});

test("failures are told by their codes", async () => {
  const { context, sent, told } = setUp();
  const { action } = failing(new ClientError("REALM_DELETED"));
  new Monitor(context, { name: "test", action }).trigger();
  await settle();
  expect(sent).toEqual([]);
  expect(told).toEqual([{ monitor: "test", code: "REALM_DELETED" }]);
});

test("a bug is told to the application, and does not end it", async () => {
  const { context, sent, clock } = setUp();
  const error = new TypeError("a bug");
  const { runs, action } = failing(error, 1);
  const monitor = new Monitor(context, { name: "test", action });
  monitor.trigger();
  await settle();
  expect(sent).toMatchObject([{ type: "monitor_crashed", monitor: "test", error: { code: "BUG", cause: error } }]);
  clock.advance(3000);
  await settle();
  expect([runs.count, sent.length, monitor.failure]).toEqual([2, 1, undefined]);
});

test("changes are told: it runs, it waits, it runs, it is at rest", async () => {
  const { context, clock } = setUp();
  const { action } = failing(new OfflineError("no network"), 1);
  const seen: unknown[] = [];
  const monitor: Monitor = new Monitor(context, {
    name: "test",
    action,
    onChange: () => seen.push(monitor.isRunning ? "runs" : (monitor.failure?.code ?? "rests")),
  });
  monitor.trigger();
  await settle();
  clock.advance(3000);
  await settle();
  expect(seen).toEqual(["runs", "OFFLINE", "runs", "rests"]);
});

describe("the end of the session", () => {
  test("ends a pause, at once and without noise", async () => {
    const { context, sent, clock, closing, events } = setUp();
    const { runs, action } = failing(new OfflineError("no network"));
    const monitor = new Monitor(context, { name: "test", action });
    monitor.trigger();
    await settle();
    closing.abort();
    monitor.stop();
    expect(clock.pendingTimers).toBe(0);
    events.send(online);
    monitor.trigger();
    await settle();
    expect([runs.count, sent]).toEqual([1, [online]]);
  });

  test.each([new TypeError("too late"), new ClientError("SESSION_CLOSED"), new DOMException("aborted", "AbortError")])(
    "ends a run, whatever that makes of it: %s",
    async (error) => {
      const { context, sent, told, closing } = setUp();
      let fail: (reason: unknown) => void = () => undefined;
      const monitor = new Monitor(context, {
        name: "test",
        action: () =>
          new Promise<void>((_, reject) => {
            fail = reject;
          }),
      });
      monitor.trigger();
      await settle();
      closing.abort(new ClientError("SESSION_CLOSED"));
      fail(error);
      await settle();
      expect([sent, told, monitor.isRunning]).toEqual([[], [], false]);
    },
  );

  test("ends a run that never answers", async () => {
    const { context, closing } = setUp();
    const monitor = new Monitor(context, { name: "test", action: () => new Promise<void>(() => undefined) });
    monitor.trigger();
    closing.abort();
    await settle();
    expect(monitor.isRunning).toBe(false);
  });
});
