import { SettableClock } from "@parsec/base";
import { ready } from "@parsec/crypto";
import { ping } from "@parsec/protocol";
import { encode } from "@parsec/types";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createTransport, type Transport, type TransportResponse } from "../src/index.ts";
import { connectDevice, startOfTests } from "./support/device.ts";
import { listen } from "./support/listen.ts";
import { organizationAt } from "./support/organization-address.ts";
import { startStubServer } from "./support/stub-server.ts";

const reason = new Error("enough");
const pong = encode(ping.reply, { status: "ok", pong: "hello" });
const never = () => new Promise<never>(() => undefined);

beforeAll(() => ready());

/** An answer whose body never comes, as long as nobody asks whether that was told. */
function stalledResponse(head: Partial<TransportResponse> = {}) {
  const discard = vi.fn<() => void>();
  const body: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => ({ next: never, return: never }) };
  return { status: 200, header: () => undefined, body, ...head, discard };
}

/** A transport that heeds no signal: nothing of it ever settles but what a test lets settle. */
function deafTransport(request: Transport["request"]): Transport {
  return { request, close: never };
}

function connect(transport: Transport, timeoutMs = 30_000) {
  return connectDevice(organizationAt("http://127.0.0.1:1"), transport, { timeoutMs });
}

describe("a command, at a transport that heeds nothing", () => {
  it("ends with the signal while no answer comes", async () => {
    const { connection, clock } = connect(deafTransport(never));
    const controller = new AbortController();
    const sent = connection.send(ping, { ping: "hello" }, { signal: controller.signal });
    controller.abort(reason);
    await expect(sent).rejects.toBe(reason);
    expect(clock.pendingTimers).toBe(0);
  });

  it("ends with its patience while no answer comes", async () => {
    const { connection, clock } = connect(deafTransport(never));
    const sent = connection.send(ping, { ping: "hello" });
    clock.advance(30_000);
    await expect(sent).rejects.toMatchObject({ code: "OFFLINE", reason: "silent" });
    expect(clock.pendingTimers).toBe(0);
  });

  it("ends with its patience, too, when the clock is set back by a year meanwhile", async () => {
    const timers = new SettableClock(startOfTests);
    let setBack = 0;
    const clock = { now: () => timers.now() - setBack, timer: timers.timer.bind(timers) };
    const { connection } = connectDevice(organizationAt("http://127.0.0.1:1"), deafTransport(never), {
      clock,
      timeoutMs: 30_000,
    });
    const sent = connection.send(ping, { ping: "hello" });
    setBack = 365 * 86_400 * 1_000_000;
    timers.advance(60_000);
    await expect(sent).rejects.toMatchObject({ code: "OFFLINE", reason: "silent" });
    expect(timers.pendingTimers).toBe(0);
  });

  it("ends with the signal while the body stalls, and lets go of it", async () => {
    const response = stalledResponse();
    const { connection } = connect(deafTransport(async () => response));
    const controller = new AbortController();
    const sent = connection.send(ping, { ping: "hello" }, { signal: controller.signal });
    controller.abort(reason);
    await expect(sent).rejects.toBe(reason);
    expect(response.discard).toHaveBeenCalled();
  });

  it("ends with its patience while the body stalls, and lets go of it", async () => {
    const response = stalledResponse();
    const { connection, clock } = connect(deafTransport(async () => response));
    const sent = connection.send(ping, { ping: "hello" });
    clock.advance(30_000);
    await expect(sent).rejects.toMatchObject({ code: "OFFLINE", reason: "silent" });
    expect(response.discard).toHaveBeenCalled();
  });

  it("lets go of an answer that comes after its end", async () => {
    const response = stalledResponse();
    let answer: (late: TransportResponse) => void = () => undefined;
    const { connection } = connect(deafTransport(() => new Promise((resolve) => (answer = resolve))));
    const controller = new AbortController();
    const sent = connection.send(ping, { ping: "hello" }, { signal: controller.signal });
    controller.abort(reason);
    await expect(sent).rejects.toBe(reason);
    answer(response);
    await vi.waitUntil(() => response.discard.mock.calls.length > 0);
  });

  it("takes a failure that comes after its end for what it is: nobody's business any more", async () => {
    let fail: (error: Error) => void = () => undefined;
    const { connection } = connect(deafTransport(() => new Promise((_resolve, reject) => (fail = reject))));
    const sent = connection.send(ping, { ping: "hello" }, { signal: AbortSignal.timeout(0) });
    await expect(sent).rejects.toMatchObject({ name: "TimeoutError" });
    // Would end the test as an unhandled rejection if somebody did not hear it.
    fail(new Error("much later"));
    await new Promise(setImmediate);
  });

  it("lets go of a refusal without its body", async () => {
    const response = stalledResponse({ status: 403 });
    const { connection } = connect(deafTransport(async () => response));
    await expect(connection.send(ping, { ping: "hello" })).rejects.toMatchObject({ code: "BAD_AUTHENTICATION" });
    expect(response.discard).toHaveBeenCalled();
  });
});

describe("the stream of events, at a transport that heeds nothing", () => {
  it.each<[string, () => Transport["request"]]>([
    ["no answer comes", () => never],
    ["the body stalls", () => async () => stalledResponse({ header: () => "text/event-stream" })],
  ])("stops at once while %s", async (_name, request) => {
    const { connection, clock } = connect(deafTransport(request()));
    listen(connection);
    await vi.waitUntil(() => clock.pendingTimers === 1);
    await connection.stopEvents();
    expect(clock.pendingTimers).toBe(0);
    expect(connection.state).toEqual({ status: "offline" });
  });

  it("stops at once while it waits for the next attempt", async () => {
    const { connection, clock } = connect(deafTransport(() => Promise.reject(new Error("no network"))));
    listen(connection);
    await vi.waitUntil(() => clock.waits.includes(1000));
    await connection.stopEvents();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("forty commands with one signal", () => {
  it("print no warning, and leave no listener", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    const server = await startStubServer((_request, response) => response.end(pong));
    const transport = createTransport({ proxy: "none" });
    const { connection } = connectDevice(organizationAt(server.url), transport);
    const { signal } = new AbortController();
    let listening = 0;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening -= 1;
      remove(...args);
    };
    await Promise.all(Array.from({ length: 40 }, () => connection.send(ping, { ping: "hello" }, { signal })));
    // Warnings come with the next tick.
    await new Promise(setImmediate);
    expect(warnings).toEqual([]);
    expect(listening).toBe(0);
    process.off("warning", onWarning);
    await transport.close();
    await server.close();
  });
});
