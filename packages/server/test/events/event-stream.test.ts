import { keepaliveFrame } from "@parsec/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EventStream } from "../../src/events/event-stream.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function drain(stream: EventStream): Promise<readonly string[]> {
  const frames: string[] = [];
  for (let frame = await stream.next(); frame !== undefined; frame = await stream.next()) frames.push(frame);
  return frames;
}

test("what is queued when the stream ends is still delivered", async () => {
  const stream = new EventStream(null);
  stream.push("a");
  stream.push("b");
  stream.end();
  stream.push("c");
  expect(await drain(stream)).toEqual(["a", "b"]);
});

test("a client that does not read loses its stream after a hundred frames", async () => {
  const stream = new EventStream(null);
  for (let frame = 0; frame < 150; frame += 1) stream.push(String(frame));
  expect(await drain(stream)).toHaveLength(100);
});

test("a keepalive after each silence, counted from the last frame", async () => {
  const stream = new EventStream(30);
  vi.advanceTimersByTime(20_000);
  stream.push("a");
  vi.advanceTimersByTime(29_999);
  expect(await stream.next()).toBe("a");
  vi.advanceTimersByTime(1);
  expect(await stream.next()).toBe(keepaliveFrame);
  vi.advanceTimersByTime(30_000);
  expect(await stream.next()).toBe(keepaliveFrame);
  stream.end();
  expect(vi.getTimerCount()).toBe(0);
  expect(await stream.next()).toBeUndefined();
});

test("somebody who waits is woken by a frame, and by the end", async () => {
  const stream = new EventStream(null);
  const first = stream.next();
  stream.push("a");
  expect(await first).toBe("a");
  const last = stream.next();
  stream.end();
  expect(await last).toBeUndefined();
});
