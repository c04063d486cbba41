import type { ServerResponse } from "node:http";
import { ready } from "@parsec/crypto";
import { ping, tosGet } from "@parsec/protocol";
import { encode } from "@parsec/types";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type AuthenticatedConnection, createTransport, type Transport } from "../src/index.ts";
import { connectDevice } from "./support/device.ts";
import { configFrame, pingFrame, startStream } from "./support/events.ts";
import { listen } from "./support/listen.ts";
import { organizationAt } from "./support/organization-address.ts";
import { Recorder } from "./support/recorder.ts";
import { type Answer, type StubServer, startStubServer } from "./support/stub-server.ts";

const pong = encode(ping.reply, { status: "ok", pong: "hello" });
const parsecHead = { "Api-Version": "5.6", "Content-Type": "application/json" };

let server: StubServer;
let transport: Transport;
let onStream: Answer;
let onCommand: Answer;
const connections: AuthenticatedConnection[] = [];

beforeAll(() => ready());
beforeEach(async () => {
  transport = createTransport({ proxy: "none" });
  // A proxy that passes commands on and holds streams back.
  onStream = () => undefined;
  onCommand = (_request, response) => response.end(pong);
  server = await startStubServer((request, response) =>
    (request.method === "GET" ? onStream : onCommand)(request, response),
  );
});
afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.stopEvents()));
  await transport.close();
  await server.close();
});

/** A session that pulls whenever it is told that it may have missed something. */
function start() {
  const { connection, clock } = connectDevice(organizationAt(server.url), transport);
  connections.push(connection);
  const { told, states } = listen(connection);
  const pull = () => connection.send(ping, { ping: "pull" }).catch(() => undefined);
  const attempts = () => server.requests.filter(({ method }) => method === "GET").length;
  const missed = () => told.all.filter((what) => what === "missed").length;
  /** Waits for the timer and lets it fire. */
  const pass = async (delayMs: number) => {
    await vi.waitUntil(() => clock.waits.includes(delayMs), { interval: 1 });
    clock.advance(delayMs);
  };
  return { connection, clock, told, states, pull, attempts, missed, pass };
}

const isEqual = (found: readonly number[], expected: readonly number[]) => found.join() === expected.join();

describe("a stream that a proxy holds back", () => {
  it("is online with delayed events, and asks for a pull at every failed attempt", async () => {
    const { connection, pull, attempts, missed, states, pass } = start();
    expect(missed()).toBe(1);
    await vi.waitUntil(() => attempts() === 1);
    await pull();
    expect(states.all).toEqual([]);
    // The patience of the first event, and then the delay before the next attempt.
    for (const [index, [patienceMs, delayMs]] of Object.entries([
      [10_000, 1000],
      [20_000, 5000],
      [30_000, 10_000],
      [30_000, 30_000],
      [30_000, 60_000],
    ] as const)) {
      await pass(patienceMs);
      await vi.waitUntil(() => missed() === Number(index) + 2, { interval: 1 });
      await pull();
      expect(connection.state).toEqual({ status: "online", events: "delayed" });
      await pass(delayMs);
      await vi.waitUntil(() => attempts() === Number(index) + 2, { interval: 1 });
    }
    expect(states.all).toEqual([{ status: "online", events: "delayed" }]);
  });

  it("is offline until a command passes, and again when none has passed since", async () => {
    const { pull, states, pass } = start();
    await pass(10_000);
    expect(await states.take()).toMatchObject({ status: "offline", error: { reason: "silent" }, waitsFor: "network" });
    await pull();
    expect(await states.take()).toEqual({ status: "online", events: "delayed" });
    await pass(1000);
    await pass(20_000);
    await pass(5000);
    // The pull came before the last failed attempt, none after it.
    onCommand = (_request, response) => response.writeHead(503).end();
    await pull();
    await pass(30_000);
    expect(await states.take()).toMatchObject({ status: "offline", error: { reason: "silent" } });
  });

  it("is plainly online as soon as an event comes", async () => {
    const streams = new Recorder<ServerResponse>();
    const { pull, states, pass, missed, attempts } = start();
    await vi.waitUntil(() => attempts() === 1);
    await pull();
    await pass(10_000);
    expect(await states.take()).toEqual({ status: "online", events: "delayed" });
    onStream = (_request, response) => streams.push(startStream(response));
    await pass(1000);
    const stream = await streams.take();
    await pull();
    const before = missed();
    stream.write(configFrame());
    expect(await states.take()).toEqual({ status: "online" });
    // What came between the last pull and this stream.
    await vi.waitUntil(() => missed() === before + 1);
    await pull();
    expect(states.all).toHaveLength(2);
  });

  it("may hold back after the first event too: the silence is noticed, and nothing is lost", async () => {
    let sent = 0;
    onStream = ({ headers }, response) => {
      sent += 1;
      const first = headers["last-event-id"] === undefined ? pingFrame("one", "a1") : "";
      startStream(response).write(configFrame({ sseKeepaliveSeconds: 10 }) + first);
    };
    const { states, told, missed, pass } = start();
    await vi.waitUntil(() => told.all.includes("one"));
    const before = missed();
    await pass(12_000);
    await vi.waitUntil(() => sent === 2 && missed() === before + 1);
    expect(states.all.map(({ status }) => status)).toEqual(["online", "offline", "online"]);
  });

  it("is given the patience of the first time once a stream has lived", async () => {
    onStream = (_request, response) => startStream(response).write(configFrame({ sseKeepaliveSeconds: 10 }));
    const { states, missed, pass } = start();
    expect(await states.take()).toEqual({ status: "online" });
    onStream = (_request, response) => startStream(response);
    await pass(12_000);
    const before = missed();
    await pass(10_000);
    await vi.waitUntil(() => missed() === before + 1);
  });

  it.each<[string, Answer]>([
    ["a page with status 403", (_request, response) => response.writeHead(403, { "Content-Type": "text/html" }).end()],
    ["a page with status 200", (_request, response) => response.writeHead(200, { "Content-Type": "text/html" }).end()],
    ["status 502", (_request, response) => response.writeHead(502).end()],
    ["a cut", (_request, response) => void response.socket?.destroy()],
    ["an end without events", (_request, response) => void startStream(response).end()],
  ])("may be answered with %s", async (_name, answer) => {
    onStream = answer;
    const { pull, attempts, missed, clock, connection } = start();
    await pull();
    for (const [index, delayMs] of [1000, 5000, 10_000].entries()) {
      await vi.waitUntil(() => clock.waits.includes(delayMs) && attempts() === index + 1, { interval: 1 });
      expect(missed()).toBe(index + 2);
      await pull();
      expect(connection.state).toEqual({ status: "online", events: "delayed" });
      clock.advance(delayMs);
    }
  });
});

describe("a refusal of the server's own", () => {
  it("is the state, whatever commands say: they are refused too, or were let through by mistake", async () => {
    onStream = (_request, response) => response.writeHead(461, parsecHead).end();
    const { pull, missed, states, pass } = start();
    await pull();
    expect(await states.take()).toMatchObject({
      status: "refused",
      reason: "USER_REVOKED",
      error: { isFromParsec: true },
    });
    await pull();
    await pass(1000);
    await pass(5000);
    expect(states.all).toHaveLength(1);
    expect(missed()).toBe(1);
  });

  it("of the terms of service is not lifted by reading them", async () => {
    onStream = (_request, response) => response.writeHead(463, { "Content-Type": "text/html" }).end();
    onCommand = (_request, response) => response.end(encode(tosGet.reply, { status: "no_tos" }));
    const { connection, states } = start();
    expect(await states.take()).toMatchObject({ status: "refused", waitsFor: "terms" });
    expect(await connection.send(tosGet, {})).toEqual({ status: "no_tos" });
    expect(states.all).toHaveLength(1);
  });
});

describe("a server that is not there", () => {
  it("is asked for no pulls: commands go the same way", async () => {
    const { url } = server;
    await server.close();
    const { connection, clock } = connectDevice(organizationAt(url), transport);
    connections.push(connection);
    const { told, states } = listen(connection);
    for (const delayMs of [1000, 5000, 10_000, 30_000, 60_000]) {
      await vi.waitUntil(() => isEqual(clock.waits, [delayMs]), { interval: 1 });
      clock.advance(delayMs);
    }
    await vi.waitUntil(() => isEqual(clock.waits, [60_000]), { interval: 1 });
    expect(states.all).toMatchObject([{ status: "offline", error: { reason: "refused" } }]);
    expect(told.all).toEqual(["missed"]);
  });
});

describe("retryNow", () => {
  it("that comes during an attempt is remembered for its end", async () => {
    const { connection, attempts, pass, clock } = start();
    await vi.waitUntil(() => attempts() === 1);
    connection.retryNow();
    await pass(10_000);
    await vi.waitUntil(() => attempts() === 2);
    // Once: the next wait is one again, the first of the list.
    await pass(20_000);
    await vi.waitUntil(() => clock.waits.includes(1000));
    expect(attempts()).toBe(2);
  });
});
