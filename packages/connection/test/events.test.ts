import type { ServerResponse } from "node:http";
import { ready } from "@parsec/crypto";
import { keepaliveFrame, missedEventsFrame } from "@parsec/protocol";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type AuthenticatedConnection, createTransport, type Transport } from "../src/index.ts";
import { connectDevice, middleRandom } from "./support/device.ts";
import { configFrame, pingFrame, startStream } from "./support/events.ts";
import { listen } from "./support/listen.ts";
import { organizationAt } from "./support/organization-address.ts";
import { Recorder } from "./support/recorder.ts";
import { type StubServer, startStubServer } from "./support/stub-server.ts";
import type { WatchedClock } from "./support/watched-clock.ts";

let server: StubServer;
let transport: Transport;
let streams: Recorder<ServerResponse>;
const connections: AuthenticatedConnection[] = [];

beforeAll(() => ready());
beforeEach(async () => {
  streams = new Recorder();
  transport = createTransport({ proxy: "none" });
  server = await startStubServer((_request, response) => streams.push(startStream(response)));
});
afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.stopEvents()));
  await transport.close();
  await server.close();
});

function start(options: Parameters<typeof connectDevice>[2] = {}) {
  const { connection, clock } = connectDevice(organizationAt(server.url), transport, options);
  connections.push(connection);
  return { connection, clock, ...listen(connection) };
}

/** Waits until the loop waits for its next attempt. */
async function waiting(clock: WatchedClock, delayMs: number): Promise<void> {
  await vi.waitUntil(() => clock.waits.includes(delayMs));
}

describe("the stream of events", () => {
  it("asks for events as the specification says", async () => {
    start();
    await streams.take();
    expect(server.requests[0]).toMatchObject({ method: "GET", path: "/authenticated/TestOrg/events" });
    expect(server.requests[0]?.headers).toMatchObject({
      accept: "text/event-stream",
      "api-version": "5.6",
      authorization: expect.stringMatching(/^Bearer PARSEC-SIGN-ED25519\./),
      "user-agent": expect.stringMatching(/^Parsec-Client\//),
    });
    expect(server.requests[0]?.headers["last-event-id"]).toBeUndefined();
  });

  it("tells missed events at the start, then online before the first event", async () => {
    const { connection, told, states } = start();
    expect(connection.state).toEqual({ status: "offline" });
    expect(await told.take()).toBe("missed");
    const stream = await streams.take();
    stream.write(configFrame());
    expect(await states.take()).toEqual({ status: "online" });
    expect(await told.take()).toBe("ORGANIZATION_CONFIG");
    // What came between the first look and the opening of this stream.
    expect(await told.take()).toBe("missed");
    stream.write(missedEventsFrame);
    expect(await told.take()).toBe("missed");
  });

  it("takes two events in one chunk, one event over many chunks, and a megabyte of comments", async () => {
    const { told } = start();
    const stream = await streams.take();
    stream.write(configFrame() + pingFrame("one", "a1") + pingFrame("two", "a2"));
    for (const byte of Buffer.from(pingFrame("three", "a3"))) {
      await new Promise((resolve) => stream.write(Buffer.of(byte), resolve));
    }
    stream.write(`:${"x".repeat(999)}\n`.repeat(1000) + pingFrame("four", "a4"));
    stream.write(`:${"x".repeat(1_000_000)}\n${pingFrame("five", "a5")}`);
    await vi.waitUntil(() => told.all.length === 8);
    expect(told.all).toEqual(["missed", "ORGANIZATION_CONFIG", "missed", "one", "two", "three", "four", "five"]);
  });

  it("passes over events, statuses and kinds that it does not know", async () => {
    const { told, connection } = start();
    const stream = await streams.take();
    stream.write(configFrame());
    stream.write("event:surprise\ndata:x\n\n");
    stream.write(`data:${btoa("\x82\xa6status\xa2ok\xa5event\xa3NEW")}\n\n`);
    stream.write(`data:${btoa("\x81\xa6status\xa3new")}\n\n`);
    stream.write(keepaliveFrame + pingFrame("after", "a1"));
    await vi.waitUntil(() => told.all.includes("after"));
    expect(told.all).toEqual(["missed", "ORGANIZATION_CONFIG", "missed", "after"]);
    expect(connection.state).toEqual({ status: "online" });
  });

  it("reconnects at once after a clean end, stays online, and sends the last id", async () => {
    const { told, states } = start();
    const first = await streams.take();
    first.write(configFrame() + pingFrame("one", "4fe5b6ddf29f4c159e6002da2132d80f"));
    first.end();
    const second = await streams.take();
    expect(server.requests[1]?.headers["last-event-id"]).toBe("4fe5b6ddf29f4c159e6002da2132d80f");
    second.write(configFrame() + pingFrame("two", "a2"));
    await vi.waitUntil(() => told.all.includes("two"));
    expect(states.all).toEqual([{ status: "online" }]);
  });

  it("keeps the last id while events come that have none", async () => {
    start();
    (await streams.take()).end(configFrame() + pingFrame("one", "a1") + configFrame());
    await streams.take();
    expect(server.requests[1]?.headers["last-event-id"]).toBe("a1");
  });

  it("sends an empty id when the last one fits no header", async () => {
    start();
    (await streams.take()).end(configFrame() + pingFrame("one", "你好"));
    await streams.take();
    expect(server.requests[1]?.headers["last-event-id"]).toBe("");
  });

  it("goes offline when a stream is silent for 1.2 keepalives, counting any byte as a sign of life", async () => {
    const { clock, states, told } = start();
    const stream = await streams.take();
    stream.write(configFrame({ sseKeepaliveSeconds: 10 }));
    expect(await states.take()).toEqual({ status: "online" });
    await vi.waitUntil(() => told.all.length === 3);
    clock.advance(11_999);
    stream.write(`:\n${pingFrame("alive", "a1")}`);
    await vi.waitUntil(() => told.all.includes("alive"));
    clock.advance(11_999);
    expect(states.all).toHaveLength(1);
    clock.advance(1);
    expect(await states.take()).toMatchObject({ status: "offline", error: { code: "OFFLINE" } });
    await streams.take();
    expect(server.requests[1]?.headers["last-event-id"]).toBe("a1");
  });

  it("waits without limit where the server keeps nothing alive", async () => {
    const { clock, states, told } = start();
    (await streams.take()).write(configFrame({ sseKeepaliveSeconds: null }));
    await vi.waitUntil(() => told.all.length === 3);
    clock.advance(24 * 3600 * 1000);
    expect(states.all).toEqual([{ status: "online" }]);
  });

  it("gives up a stream whose first event does not come", async () => {
    const { clock, states } = start({ timeoutMs: 5000 });
    await streams.take();
    await waiting(clock, 5000);
    clock.advance(5000);
    expect(await states.take()).toMatchObject({ status: "offline" });
  });

  it("frees its socket when it is stopped", async () => {
    const { connection, told, states } = start();
    (await streams.take()).write(configFrame());
    await vi.waitUntil(() => told.all.length === 3);
    await connection.stopEvents();
    await vi.waitUntil(() => server.sockets.size === 0);
    expect(connection.state).toEqual({ status: "offline" });
    expect(states.all.map(({ status }) => status)).toEqual(["online", "offline"]);
  });

  it("survives a listener that fails, whose error is reported as uncaught", async () => {
    const uncaught = new Recorder<unknown>();
    process.once("uncaughtException", uncaught.push);
    const { connection } = connectDevice(organizationAt(server.url), transport);
    connections.push(connection);
    const told = new Recorder<string>();
    connection.startEvents({
      onMissedEvents: () => undefined,
      onEvent: (event) => {
        told.push(event.event);
        if (event.event === "ORGANIZATION_CONFIG") throw new Error("of the application");
      },
    });
    (await streams.take()).write(configFrame() + pingFrame("one", "a1"));
    await vi.waitUntil(() => told.all.includes("PINGED"));
    expect(await uncaught.take()).toMatchObject({ message: "of the application" });
  });
});

describe("the delays between attempts", () => {
  const failing = () => {
    server.answer = (_request, response) => response.writeHead(503).end();
  };
  const attempts = () => server.requests.length;

  it("are 0, 1, 5, 10, 30, 60, 60 seconds", async () => {
    failing();
    // The patience of a request is told from each delay.
    const { clock } = start({ timeoutMs: 7000 });
    for (const [index, seconds] of [1, 5, 10, 30, 60, 60].entries()) {
      await waiting(clock, seconds * 1000);
      expect(attempts()).toBe(index + 1);
      clock.advance(seconds * 1000);
    }
    await vi.waitUntil(() => attempts() === 7);
  });

  it.each([
    [0, 800],
    [0.25, 900],
    [1, 1200],
  ])("are spread by 20 %% (%d)", async (unit, afterMs) => {
    failing();
    const { clock } = start({ random: { ...middleRandom, unit: () => unit } });
    await vi.waitUntil(() => clock.waits.some((delayMs) => Math.abs(delayMs - afterMs) < 0.001));
  });

  it("are what the server asked for, from then on", async () => {
    const { clock } = start();
    (await streams.take()).end("retry: 7000\ndata:\n\n");
    await waiting(clock, 7000);
    clock.advance(7000);
    (await streams.take()).end(configFrame());
    await waiting(clock, 7000);
  });

  it("end when somebody asks for it", async () => {
    failing();
    const { clock, connection } = start();
    await waiting(clock, 1000);
    clock.advance(1000);
    await waiting(clock, 5000);
    connection.retryNow();
    await vi.waitUntil(() => attempts() === 3);
    // As if the first attempt had just failed.
    await waiting(clock, 1000);
  });

  it("grow while streams open and give nothing", async () => {
    server.answer = (_request, response) => startStream(response).end();
    const { clock } = start();
    await waiting(clock, 1000);
    clock.advance(1000);
    await waiting(clock, 5000);
    expect(attempts()).toBe(2);
  });
});

describe("the state of a connection", () => {
  it.each([
    [401, "MISSING_AUTHENTICATION", "intermediary"],
    [403, "BAD_AUTHENTICATION", "administrator"],
    [404, "ORGANIZATION_NOT_FOUND", "administrator"],
    [406, "BAD_CONTENT", "update"],
    [413, "BODY_TOO_LARGE", null],
    [418, "UNEXPECTED_STATUS", "intermediary"],
    [460, "ORGANIZATION_EXPIRED", "administrator"],
    [461, "USER_REVOKED", "administrator"],
    [462, "USER_FROZEN", "administrator"],
    [463, "USER_MUST_ACCEPT_TOS", "terms"],
    [464, "WEB_CLIENT_NOT_ALLOWED", "administrator"],
    [498, "TOKEN_EXPIRED", "clock"],
  ])("is refused on %d, and the loop goes on", async (status, reason, waitsFor) => {
    server.answer = (_request, response) => response.writeHead(status).end();
    const { states, clock } = start();
    expect(await states.take()).toMatchObject({
      ...{ status: "refused", reason, waitsFor },
      error: { code: reason, status },
    });
    for (const delayMs of [1000, 5000, 10_000, 30_000, 60_000, 60_000]) {
      await waiting(clock, delayMs);
      clock.advance(delayMs);
    }
    await waiting(clock, 60_000);
    server.answer = (_request, response) => streams.push(startStream(response));
    clock.advance(60_000);
    (await streams.take()).write(configFrame());
    expect(await states.take()).toEqual({ status: "online" });
  });

  it.each([500, 502, 503, 504, 599])("is offline on %d, never incompatible, and the loop goes on", async (status) => {
    server.answer = (_request, response) => response.writeHead(status).end();
    const { states, clock } = start();
    expect(await states.take()).toMatchObject({ status: "offline", error: { code: "OFFLINE", status } });
    await waiting(clock, 1000);
  });

  it("is incompatible on 422, with the versions of the server", async () => {
    server.answer = (_request, response) => response.writeHead(422, { "Supported-Api-Versions": "8.1;9.0" }).end();
    const { states } = start();
    expect(await states.take()).toMatchObject({
      status: "incompatible",
      error: {
        code: "INCOMPATIBLE_SERVER",
        supportedVersions: [
          { major: 8, revision: 1 },
          { major: 9, revision: 0 },
        ],
      },
    });
  });

  it.each([
    ["a page of a captive portal", "text/html", "<html>Welcome to our hotel</html>"],
    ["an event that is not in base64", "text/event-stream", "data:???\n\n"],
    [
      "bytes that are not UTF-8",
      "text/event-stream; charset=utf-8",
      Buffer.of(0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a),
    ],
  ])("is a bad reply on %s, and the loop goes on", async (_name, type, body) => {
    server.answer = (_request, response) => response.writeHead(200, { "Content-Type": type }).end(body);
    const { states, clock } = start();
    expect(await states.take()).toMatchObject({ status: "refused", reason: "BAD_REPLY" });
    await waiting(clock, 1000);
    server.answer = (_request, response) => streams.push(startStream(response));
    clock.advance(1000);
    (await streams.take()).write(configFrame());
    expect(await states.take()).toEqual({ status: "online" });
  });

  it("is told once, however often the same failure comes", async () => {
    server.answer = (_request, response) => response.writeHead(503).end();
    const { states, clock } = start();
    for (const delayMs of [1000, 5000, 10_000]) {
      await waiting(clock, delayMs);
      clock.advance(delayMs);
    }
    expect(states.all).toHaveLength(1);
  });
});
