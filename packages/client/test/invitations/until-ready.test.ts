import { SettableClock } from "@parsec/base";
import { expect, test } from "vitest";
import { untilReady } from "../../src/invitations/greeting/until-ready.ts";

const start = 1_700_000_000_000_000;

/** Replies that come `tookMs` after their request, on a clock that only the test moves. */
function peer(statuses: readonly string[], tookMs = 0) {
  const clock = new SettableClock(start);
  const sentAt: number[] = [];
  const left = [...statuses];
  const send = async () => {
    sentAt.push((clock.now() - start) / 1000);
    clock.advance(tookMs);
    return { status: left.shift() ?? "not_ready" };
  };
  return { clock, sentAt, send };
}

/** Lets promises settle, and moves the clock whenever something waits, by just as much. */
async function run<T>(clock: SettableClock, work: Promise<T>): Promise<T> {
  let isDone = false;
  const end = work.finally(() => {
    isDone = true;
  });
  end.catch(() => undefined);
  for (let i = 0; i < 10_000 && !isDone; i += 1) {
    await Promise.resolve();
    clock.advance(0);
    if (clock.pendingTimers > 0) clock.advance(0.5);
  }
  return end;
}

const notReady = (times: number) => Array.from({ length: times }, () => "not_ready");

test("waits 62.5, 125, 250, 500, 1000, 1000 ms from the start of one request to the next", async () => {
  const { clock, sentAt, send } = peer([...notReady(6), "ok"]);
  expect(await run(clock, untilReady(clock, send))).toEqual({ status: "ok" });
  expect(sentAt).toEqual([0, 62.5, 187.5, 437.5, 937.5, 1937.5, 2937.5]);
});

test("counts the time of the request as part of the wait, and never waits less than nothing", async () => {
  const { clock, sentAt, send } = peer([...notReady(4), "ok"], 100);
  await run(clock, untilReady(clock, send));
  expect(sentAt).toEqual([0, 100, 225, 475, 975]);
});

test("starts over with each step, and ends at once when the first reply settles it", async () => {
  for (const status of ["ok", "greeting_attempt_cancelled"]) {
    const { clock, sentAt, send } = peer([status]);
    expect(await untilReady(clock, send)).toEqual({ status });
    expect(sentAt).toEqual([0]);
  }
});

test("a clock that is set back meanwhile makes no wait longer", async () => {
  const clock = new SettableClock(start);
  const statuses = ["not_ready", "ok"];
  const send = async () => {
    clock.set(clock.now() - 3_600_000_000);
    return { status: statuses.shift() ?? "ok" };
  };
  const work = untilReady(clock, send);
  await Promise.resolve();
  await Promise.resolve();
  clock.advance(62.5);
  expect(await work).toEqual({ status: "ok" });
});

test("an abort ends the wait with its reason, and leaves no timer", async () => {
  const { clock, send } = peer([]);
  const abort = new AbortController();
  const work = untilReady(clock, send, { signal: abort.signal });
  await Promise.resolve();
  await Promise.resolve();
  expect(clock.pendingTimers).toBe(1);
  abort.abort("enough");
  await expect(work).rejects.toBe("enough");
  expect(clock.pendingTimers).toBe(0);
});
