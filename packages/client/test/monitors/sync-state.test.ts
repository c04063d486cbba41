import { SettableClock } from "@parsec/base";
import { OfflineError } from "@parsec/connection";
import { VlobId } from "@parsec/types";
import { expect, test } from "vitest";
import { failureOf } from "../../src/monitors/failures.ts";
import { Pause } from "../../src/monitors/pause.ts";
import { StateCell } from "../../src/monitors/sync-state.ts";
import { type ClientEvent, EventHub } from "../../src/session/events.ts";
import { describeEngine, firstAfter } from "../../src/workspace/sync/engine/engine-state.ts";

function setUp(realmId?: VlobId) {
  const clock = new SettableClock(1_000_000);
  const events = new EventHub();
  const sent: ClientEvent[] = [];
  events.onAny((event) => sent.push(event));
  return { clock, sent, cell: new StateCell({ clock, events }, realmId) };
}

test("a state is told when it changes, with the time since when it is so", () => {
  const realmId = VlobId.generate();
  const { clock, sent, cell } = setUp(realmId);
  expect(cell.state).toEqual({ status: "idle", since: 1_000_000, setAside: [] });
  cell.set({ status: "idle" });
  expect(sent).toEqual([]);
  clock.advance(1000);
  cell.set({ status: "working" });
  clock.advance(1000);
  cell.set({ status: "working" });
  expect(sent).toEqual([
    { type: "sync_state_changed", realmId, state: { status: "working", since: 2_000_000, setAside: [] } },
  ]);
});

test("the time stays while it waits for the same, from one try to the next", () => {
  const { clock, sent, cell } = setUp();
  const error = new OfflineError("away");
  cell.set({ status: "waiting", reason: "OFFLINE", error, nextTry: 4_000_000 });
  clock.advance(3000);
  cell.set({ status: "waiting", reason: "OFFLINE", error, nextTry: 10_000_000 });
  expect(cell.state).toEqual({
    status: "waiting",
    reason: "OFFLINE",
    error,
    since: 1_000_000,
    nextTry: 10_000_000,
    setAside: [],
  });
  cell.set({ status: "waiting", reason: "STORAGE_FULL", nextTry: Number.POSITIVE_INFINITY });
  expect(cell.state).toEqual({ status: "waiting", reason: "STORAGE_FULL", since: 4_000_000, setAside: [] });
  expect(sent.map((event) => "realmId" in event && event.realmId)).toEqual([undefined, undefined, undefined]);
});

test("other entries set aside are another state", () => {
  const { sent, cell } = setUp();
  for (const edition of [1, 1, 2]) cell.set({ status: "idle", edition });
  expect(sent).toHaveLength(2);
  expect(cell.state.since).toBe(1_000_000);
});

test("what an engine says of itself", () => {
  const [pause, uploadPause] = [new Pause(), new Pause()];
  const facts = {
    now: 0,
    isActive: true,
    pause,
    hasWork: false,
    hasUploads: false,
    canWrite: true,
    uploadPause,
    edition: 7,
  };
  expect(describeEngine(facts)).toEqual({ status: "idle", edition: 7 });
  expect(describeEngine({ ...facts, hasUploads: true })).toEqual({ status: "working", edition: 7 });
  expect(describeEngine({ ...facts, hasWork: true })).toEqual({ status: "working", edition: 7 });
  expect(describeEngine({ ...facts, hasUploads: true, canWrite: false })).toEqual({
    status: "waiting",
    reason: "READ_ONLY",
    edition: 7,
  });
  const away = failureOf(new OfflineError("away"));
  uploadPause.begin(away, 0);
  expect(describeEngine(facts)).toEqual({ status: "idle", edition: 7 });
  const waiting = { status: "waiting", reason: "OFFLINE", error: away.error, nextTry: 3_000_000, edition: 7 };
  expect(describeEngine({ ...facts, hasUploads: true })).toEqual(waiting);
  expect(describeEngine({ ...facts, hasUploads: true, hasWork: true })).toEqual({ status: "working", edition: 7 });
  pause.begin(away, 0);
  expect(describeEngine({ ...facts, hasWork: true })).toEqual(waiting);
  expect(describeEngine({ ...facts, isActive: false })).toEqual({ status: "idle", edition: 7 });
  expect(firstAfter(5, [3, 5, 9, 7, Number.POSITIVE_INFINITY])).toBe(7);
  expect(firstAfter(5, [3])).toBe(Number.POSITIVE_INFINITY);
});
