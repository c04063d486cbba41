import { IncreasingClock, SettableClock } from "@parsec/base";
import { DateTime } from "@parsec/types";
import { expect, test } from "vitest";
import { timestampOffset, withGreaterTimestamp } from "../../src/session/greater-timestamp.ts";

const now = 1_700_000_000_000_000;

function context() {
  const clock = new SettableClock(now);
  return { clock, signingClock: new IncreasingClock(clock) };
}

test("the first date is now, and a later one than any before", async () => {
  const dating = context();
  const ok = () => Promise.resolve({ status: "ok" } as const);
  const first = await withGreaterTimestamp(dating, timestampOffset.realm, ok);
  const second = await withGreaterTimestamp(dating, timestampOffset.realm, ok);
  expect([first.timestamp, second.timestamp]).toEqual([now, now + 1]);
});

test("the next date is the one that the server names plus the offset of the kind", async () => {
  const strictlyGreaterThan = DateTime.fromMicros(now + 42);
  const dates: DateTime[] = [];
  const outcome = await withGreaterTimestamp(context(), timestampOffset.common, (timestamp) => {
    dates.push(timestamp);
    return Promise.resolve(
      dates.length === 1
        ? ({ status: "require_greater_timestamp", strictlyGreaterThan } as const)
        : ({ status: "ok" } as const),
    );
  });
  expect(dates).toEqual([now, now + 42 + 500_000]);
  expect(outcome).toEqual({ reply: { status: "ok" }, timestamp: now + 42 + 500_000 });
});

test("a server that always asks for more gets eight more tries", async () => {
  let tries = 0;
  const insatiable = withGreaterTimestamp(context(), timestampOffset.manifest, (timestamp) => {
    tries += 1;
    return Promise.resolve({ status: "require_greater_timestamp", strictlyGreaterThan: timestamp } as const);
  });
  await expect(insatiable).rejects.toMatchObject({ code: "GREATER_TIMESTAMP_UNREACHABLE" });
  expect(tries).toBe(9);
});

test("nothing is dated more than 300 seconds ahead", async () => {
  const strictlyGreaterThan = DateTime.fromMicros(now + 300_000_001);
  const future = withGreaterTimestamp(context(), timestampOffset.manifest, () =>
    Promise.resolve({ status: "require_greater_timestamp", strictlyGreaterThan } as const),
  );
  await expect(future).rejects.toMatchObject({ code: "GREATER_TIMESTAMP_UNREACHABLE", strictlyGreaterThan });
});

test("a clock out of the ballpark is told, thrown, and never retried", async () => {
  const events: unknown[] = [];
  let tries = 0;
  const dating = { ...context(), events: { send: (event: unknown) => events.push(event) } };
  const drift = {
    status: "timestamp_out_of_ballpark",
    clientTimestamp: DateTime.fromMicros(now),
    serverTimestamp: DateTime.fromMicros(now + 1_000_000_000),
    ballparkClientEarlyOffset: 300,
    ballparkClientLateOffset: 320,
  } as const;
  const operation = withGreaterTimestamp(dating, timestampOffset.realm, () => {
    tries += 1;
    return Promise.resolve(drift);
  });
  const { status: _, ...fields } = drift;
  await expect(operation).rejects.toMatchObject({ code: "TIMESTAMP_OUT_OF_BALLPARK", ...fields });
  expect(tries).toBe(1);
  expect(events).toMatchObject([{ type: "clock_drift", error: fields }]);
});
