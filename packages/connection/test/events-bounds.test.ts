import type { ServerResponse } from "node:http";
import { ready } from "@parsec/crypto";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type AuthenticatedConnection, createTransport, type Transport } from "../src/index.ts";
import { StateHolder } from "../src/state.ts";
import { connectDevice } from "./support/device.ts";
import { configFrame, pingFrame, startStream } from "./support/events.ts";
import { listen } from "./support/listen.ts";
import { organizationAt } from "./support/organization-address.ts";
import { Recorder } from "./support/recorder.ts";
import { type StubServer, startStubServer } from "./support/stub-server.ts";

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

describe("what a server asks for between two attempts", () => {
  it.each([
    ["0", 1000],
    ["1", 1000],
    ["999", 1000],
    ["1001", 1001],
    ["60000", 60_000],
    ["60001", 60_000],
    ["99999999999999999999999", 60_000],
    ["9".repeat(400), 60_000],
  ])("is kept between one second and a minute: %s", async (retry, delayMs) => {
    const { clock } = start();
    (await streams.take()).end(`retry: ${retry}\ndata:\n\n`);
    await vi.waitUntil(() => clock.waits.length > 0 && server.requests.length === 1);
    await vi.waitUntil(() => clock.waits.includes(delayMs));
  });

  it.each(["-1", "1e3", "NaN", "", "soon"])("is passed over when it is no number: %s", async (retry) => {
    const { clock } = start();
    (await streams.take()).end(`retry: ${retry}\ndata:\n\n`);
    await vi.waitUntil(() => clock.waits.includes(1000));
  });
});

describe("a server that ends each stream after its first event", () => {
  it("is asked again at once the first time only", async () => {
    server.answer = (_request, response) => startStream(response).end(configFrame());
    const { clock } = start();
    for (const [index, delayMs] of [1000, 5000, 10_000].entries()) {
      const isWaiting = () => clock.waits.includes(delayMs) && server.requests.length === index + 2;
      await vi.waitUntil(isWaiting, { interval: 1 });
      expect(clock.waits).toEqual([delayMs]);
      clock.advance(delayMs);
    }
  });

  it("is asked at once again after a stream that lasted", async () => {
    const { clock, told } = start();
    for (let round = 1; round <= 3; round += 1) {
      const stream = await streams.take();
      stream.write(configFrame());
      await vi.waitUntil(() => told.all.filter((what) => what === "ORGANIZATION_CONFIG").length === round);
      clock.advance(5000);
      stream.end();
    }
    await streams.take();
    expect(server.requests).toHaveLength(4);
  });
});

describe("the size of what a stream sends", () => {
  it.each([
    ["a line without end", () => `data:${"x".repeat(1024 * 1024)}`],
    ["an event of many lines", () => `data:${"x".repeat(999)}\n`.repeat(1100)],
    ["an event of many empty lines", () => "data:\n".repeat(1024 * 1024 + 2)],
    ["a comment without end", () => `:${"x".repeat(1024 * 1024 + 1)}`],
  ])("is bounded: %s is a bad reply, whose stream is given up", async (_name, frame) => {
    const { states, clock } = start();
    const stream = await streams.take();
    stream.on("error", () => undefined);
    stream.write(frame());
    expect(await states.take()).toMatchObject({ status: "refused", reason: "BAD_REPLY" });
    await vi.waitUntil(() => server.sockets.size === 0);
    await vi.waitUntil(() => clock.waits.includes(1000));
  });

  it("does not multiply the work, whatever the ends of lines: a quarter of a million lines", async () => {
    const { told } = start();
    const stream = await streams.take();
    stream.write(configFrame());
    // A parser that looks for `\n` in all the rest at each `\r` does this in minutes.
    stream.write(":\r".repeat(250_000) + pingFrame("after", "a1").replaceAll("\n", "\r"));
    stream.write("\r");
    await vi.waitUntil(() => told.all.includes("after"), { timeout: 10_000 });
  });

  it("leaves out an id that would make the next request too long", async () => {
    start();
    (await streams.take()).end(configFrame() + pingFrame("one", "a".repeat(20_000)));
    await streams.take();
    expect(server.requests[1]?.headers["last-event-id"]).toBe("");
  });

  it("keeps the longest id that fits", async () => {
    const id = "a".repeat(256);
    start();
    (await streams.take()).end(configFrame() + pingFrame("one", id));
    await streams.take();
    expect(server.requests[1]?.headers["last-event-id"]).toBe(id);
  });
});

describe("a loop", () => {
  it("goes on after a mistake in the code, and says so", async () => {
    const events: unknown[] = [];
    let failures = 0;
    const failing: Transport = {
      ...transport,
      request: (request, cancellation) => {
        failures += 1;
        if (failures <= 2) throw new TypeError("Cannot read properties of undefined");
        return transport.request(request, cancellation);
      },
    };
    const { connection, clock } = connectDevice(organizationAt(server.url), failing, {
      diagnostics: (event) => events.push(event),
    });
    connections.push(connection);
    const { states } = listen(connection);
    expect(await states.take()).toMatchObject({ status: "offline", error: { code: "BUG" } });
    expect(events).toEqual([{ area: "connection", event: "events_lost", fields: { code: "BUG" } }]);
    for (const delayMs of [1000, 5000]) {
      await vi.waitUntil(() => clock.waits.includes(delayMs));
      clock.advance(delayMs);
    }
    (await streams.take()).write(configFrame());
    expect(await states.take()).toEqual({ status: "online" });
  });

  it("tells a change of its state to those who listened by then", () => {
    const holder = new StateHolder();
    const told: string[] = [];
    holder.onChange(({ status }) => {
      told.push(`first: ${status}`);
      if (status === "online") holder.onChange((state) => told.push(`second: ${state.status}`));
    });
    holder.set({ status: "online" });
    holder.set({ status: "offline" });
    expect(told).toEqual(["first: online", "first: offline", "second: offline"]);
  });

  it("goes on when a listener of its state fails", async () => {
    const uncaught = new Recorder<unknown>();
    process.once("uncaughtException", uncaught.push);
    const { connection, told } = start();
    const stop = connection.onStateChange(() => {
      stop();
      throw new Error("of the application");
    });
    (await streams.take()).write(configFrame());
    expect(await uncaught.take()).toMatchObject({ message: "of the application" });
    await vi.waitUntil(() => told.all.includes("ORGANIZATION_CONFIG"));
  });
});
