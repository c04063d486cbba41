import { IncreasingClock, SettableClock } from "@parsec/base";
import { DateTime } from "@parsec/types";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
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

describe("nothing is dated more than 300 seconds ahead", () => {
  const limit = now + 300_000_000;

  /** The dates that are tried with a server that asks once for one after `strictlyGreaterThan`. */
  async function tried(strictlyGreaterThan: number): Promise<{ dates: readonly number[]; error: unknown }> {
    const dates: DateTime[] = [];
    const error: unknown = await withGreaterTimestamp(context(), timestampOffset.manifest, (timestamp) => {
      dates.push(timestamp);
      return Promise.resolve(
        dates.length === 1
          ? ({
              status: "require_greater_timestamp",
              strictlyGreaterThan: DateTime.fromMicros(strictlyGreaterThan),
            } as const)
          : ({ status: "ok" } as const),
      );
    }).then(
      () => undefined,
      (caught: unknown) => caught,
    );
    return { dates, error };
  }

  test("the date of the limit is signed, the next one is not", async () => {
    const last = limit - timestampOffset.manifest;
    expect(await tried(last)).toEqual({ dates: [now, limit], error: undefined });
    expect(await tried(last + 1)).toMatchObject({
      dates: [now],
      error: { code: "GREATER_TIMESTAMP_UNREACHABLE", strictlyGreaterThan: last + 1 },
    });
  });

  test("whatever servers ask for and however the clock is set, and dates increase while it is not set back", async () => {
    const move = fc.record({
      setBy: fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
      askedAhead: fc.array(fc.integer({ min: -1_000_000, max: 400_000_000 }), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 6 }), async (moves) => {
        const dating = context();
        let last = 0;
        for (const { setBy, askedAhead } of moves) {
          dating.clock.set(dating.clock.now() + setBy);
          const asks = [...askedAhead];
          const attempt = withGreaterTimestamp(dating, timestampOffset.realm, async (timestamp) => {
            expect(timestamp).toBeLessThanOrEqual(dating.clock.now() + 300_000_000);
            if (last <= dating.clock.now() + 300_000_000 - 1) expect(timestamp).toBeGreaterThan(last);
            last = timestamp;
            const asked = asks.shift();
            if (asked === undefined) return { status: "ok" } as const;
            const strictlyGreaterThan = DateTime.fromMicros(dating.clock.now() + asked);
            return { status: "require_greater_timestamp", strictlyGreaterThan } as const;
          });
          await attempt.catch((error: unknown) => {
            expect(error).toMatchObject({ code: "GREATER_TIMESTAMP_UNREACHABLE" });
          });
        }
      }),
    );
  });

  test("after the clock was a day ahead and was set right, without a new login", async () => {
    const dating = context();
    dating.clock.set(now + 86_400_000_000);
    const ok = () => Promise.resolve({ status: "ok" } as const);
    await withGreaterTimestamp(dating, timestampOffset.realm, ok);
    dating.clock.set(now);
    expect(await withGreaterTimestamp(dating, timestampOffset.realm, ok)).toMatchObject({ timestamp: now });
  });
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
