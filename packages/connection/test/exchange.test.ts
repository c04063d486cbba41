import { describe, expect, it } from "vitest";
import { Deadline } from "../src/deadline.ts";
import { exchange, readBody } from "../src/exchange.ts";
import type { Transport, TransportResponse } from "../src/index.ts";
import { startOfTests } from "./support/device.ts";
import { WatchedClock } from "./support/watched-clock.ts";

const clock = () => new WatchedClock(startOfTests);

function answer(parts: readonly Uint8Array[], headers: Readonly<Record<string, string>> = {}): TransportResponse {
  async function* body() {
    yield* parts;
  }
  return { status: 200, header: (name) => headers[name], body: body(), discard: () => undefined };
}

const deadline = () => new Deadline(clock(), undefined, undefined);

describe("the body of an answer", () => {
  it("may be as long as the limit, in one part or in many", async () => {
    expect(await readBody(answer([new Uint8Array(10)]), deadline(), 10)).toHaveLength(10);
    const parts = Array.from({ length: 10 }, (_, k) => Uint8Array.of(k));
    expect(await readBody(answer(parts), deadline(), 10)).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
    expect(await readBody(answer([], { "content-length": "10" }), deadline(), 10)).toHaveLength(0);
  });

  it.each<[string, TransportResponse]>([
    ["one part", answer([new Uint8Array(11)])],
    ["a last part", answer([new Uint8Array(10), new Uint8Array(1)])],
    ["what it announces", answer([], { "content-length": "11" })],
  ])("may not be longer: %s", async (_name, response) => {
    await expect(readBody(response, deadline(), 10)).rejects.toMatchObject({ code: "BAD_REPLY" });
  });

  it("comes in a quarter of a million parts without more ado", async () => {
    const parts = Array.from({ length: 250_000 }, () => Uint8Array.of(7));
    const body = await readBody(answer(parts), deadline());
    expect(body).toHaveLength(250_000);
    expect(body.every((byte) => byte === 7)).toBe(true);
  });
});

describe("the patience of a request", () => {
  it("begins anew with the head of the answer, and with each part of the body", async () => {
    const time = clock();
    let answered: (response: TransportResponse) => void = () => undefined;
    let next: (result: IteratorResult<Uint8Array>) => void = () => undefined;
    const body = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<Uint8Array>>((resolve) => (next = resolve)),
      }),
    };
    const transport: Transport = {
      request: () => new Promise((resolve) => (answered = resolve)),
      close: async () => undefined,
    };
    const ports = { transport, clock: time, timeoutMs: 1000 };
    const read = exchange(ports, { method: "GET", url: "http://s", headers: {} }, undefined, readBody);
    const turn = () => new Promise(setImmediate);
    time.advance(900);
    answered({ status: 200, header: () => undefined, body, discard: () => undefined });
    await turn();
    time.advance(900);
    next({ done: false, value: Uint8Array.of(1) });
    await turn();
    time.advance(900);
    next({ done: true, value: undefined });
    expect(await read).toEqual(Uint8Array.of(1));
    expect(time.pendingTimers).toBe(0);
  });

  it("is told once, with the first reason", () => {
    const time = clock();
    const controller = new AbortController();
    const patience = new Deadline(time, 1000, controller.signal);
    const reasons: unknown[] = [];
    patience.onAbort((reason) => reasons.push(reason));
    controller.abort("first");
    expect(time.pendingTimers).toBe(0);
    time.advance(2000);
    expect(reasons).toEqual(["first"]);
    expect(() => patience.throwIfAborted()).toThrow("first");
    expect(patience.signal.reason).toBe("first");
    patience.onAbort((reason) => reasons.push(reason));
    expect(reasons).toEqual(["first", "first"]);
  });

  it("has ended before it begins, of a signal that has aborted", () => {
    const time = clock();
    const patience = new Deadline(time, 1000, AbortSignal.abort("early"));
    expect(patience.isCancelled).toBe(true);
    expect(time.pendingTimers).toBe(0);
    expect(() => patience.throwIfAborted()).toThrow("early");
  });

  it("is told once, too, when the signal aborts after it has ended", () => {
    const time = clock();
    const controller = new AbortController();
    const patience = new Deadline(time, 1000, controller.signal);
    const reasons: unknown[] = [];
    patience.onAbort((reason) => reasons.push(reason));
    time.advance(1000);
    controller.abort("later");
    expect(reasons).toMatchObject([{ code: "OFFLINE", reason: "silent" }]);
  });

  it("has no end without a limit, and a new one when it is set", () => {
    const time = clock();
    const patience = new Deadline(time, 1000, undefined);
    time.advance(999);
    patience.setTimeout(undefined);
    time.advance(1_000_000);
    expect(patience.isCancelled).toBe(false);
    patience.setTimeout(500);
    time.advance(499);
    expect(patience.isCancelled).toBe(false);
    patience.setTimeout(500);
    time.advance(499);
    expect(patience.isCancelled).toBe(false);
    time.advance(1);
    expect(patience.isCancelled).toBe(true);
  });
});
