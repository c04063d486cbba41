import type { ServerResponse } from "node:http";
import { ready } from "@parsec/crypto";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createTransport, type Transport } from "../src/index.ts";
import { connectDevice } from "./support/device.ts";
import { configFrame, pingFrame, startStream } from "./support/events.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "./support/fault-proxy.ts";
import { listen } from "./support/listen.ts";
import { organizationAt } from "./support/organization-address.ts";
import { type SeenRequest, type StubServer, startStubServer } from "./support/stub-server.ts";
import { readVectors } from "./support/vectors.ts";

let server: StubServer;
let transport: Transport;

beforeAll(() => ready());
beforeEach(async () => {
  transport = createTransport({ proxy: "none" });
  server = await startStubServer(() => undefined);
});
afterEach(async () => {
  await transport.close();
  await vi.waitUntil(() => server.sockets.size === 0);
  await server.close();
});

const pings = [
  ["one", "00000000000000000000000000000001"],
  ["two", "00000000000000000000000000000002"],
  ["three", "00000000000000000000000000000003"],
] as const;

/** Answers like the real server: the configuration, then what came after the last event that the client saw. */
function replay({ headers }: SeenRequest, response: ServerResponse): void {
  const seen = pings.findIndex(([, id]) => id === headers["last-event-id"]);
  const frames = pings.slice(seen + 1).map(([text, id]) => pingFrame(text, id));
  startStream(response).write([configFrame(), ...frames].join(""));
}

/** Listens through a network that hurts the first connection, until all events are there. */
async function receivedThrough(fault: Fault): Promise<readonly string[]> {
  const proxy: FaultProxy = await startFaultProxy(server.port);
  proxy.faults = [fault, {}];
  const { connection, clock } = connectDevice(organizationAt(proxy.url), transport);
  const { told } = listen(connection);
  const received = () => told.all.filter((text) => pings.some(([ping]) => ping === text));
  await vi.waitUntil(
    () => {
      // The delay before the second attempt, and for the first connection the silence that the keepalive allows.
      if (clock.waits.includes(1000)) clock.advance(1000);
      if (fault.stallAfter !== undefined && server.requests.length === 1 && clock.waits.includes(36_000))
        clock.advance(36_000);
      return received().length >= 3;
    },
    { interval: 1 },
  );
  await connection.stopEvents();
  await vi.waitUntil(() => proxy.sockets.size === 0, { interval: 1, timeout: 6000 });
  await proxy.close();
  return received();
}

describe("the stream of events on a bad network", () => {
  // Beyond the last byte of the stream nothing is cut.
  const size = 900;
  const places = Array.from({ length: size }, (_, k) => k);

  it.each([0, 1, 2, 3, 4, 5, 6, 7])(
    "cut at any byte (those of remainder %d by 8): no event is lost, none comes twice",
    async (part) => {
      server.answer = replay;
      for (const cutAfter of places.filter((k) => k % 8 === part)) {
        expect(await receivedThrough({ cutAfter })).toEqual(["one", "two", "three"]);
      }
    },
    60_000,
  );

  it.each<[string, Fault]>([
    ["reset in the middle of an event", { cutAfter: 400, reset: true }],
    ["half open", { stallAfter: 400 }],
    ["dripping byte by byte", { drip: true }],
  ])("%s: no event is lost, none comes twice", async (_name, fault) => {
    server.answer = replay;
    expect(await receivedThrough(fault)).toEqual(["one", "two", "three"]);
  });
});

interface StreamVector {
  readonly id: string;
  readonly text: string;
  readonly events: readonly {
    readonly message: "response" | "missed_events" | "empty";
    readonly retry_ms?: number | null;
    readonly content?: { readonly event: string; readonly ping?: string };
  }[];
  readonly next_last_event_id_header?: string | null;
}

describe("streams of the vectors", () => {
  const { sse } = readVectors<{ sse: readonly StreamVector[] }>("protocol.json");

  it.each(sse)("$id", async ({ text, events, next_last_event_id_header }) => {
    const answers = [text, configFrame()];
    server.answer = (_request, response) => {
      const body = answers.shift();
      if (body === undefined) startStream(response);
      else startStream(response).end(body);
    };
    const { connection, clock } = connectDevice(organizationAt(server.url), transport);
    const { told } = listen(connection);
    const retryMs = events.find(({ retry_ms }) => retry_ms != null)?.retry_ms;
    await vi.waitUntil(() => {
      const wait = clock.waits.find((delayMs) => delayMs === retryMs || delayMs === 1000);
      if (wait !== undefined) clock.advance(wait);
      return server.requests.length >= 2 && told.all.filter((kind) => kind === "ORGANIZATION_CONFIG").length > 0;
    });
    const expected = events.flatMap(({ message, content }) => {
      if (message === "missed_events") return "missed";
      return content === undefined ? [] : (content.ping ?? content.event);
    });
    // A stream that begins without an id is followed by a look at everything, once it has shown that it is alive.
    const first = events.findIndex(({ message }) => message === "response");
    const before = events.slice(0, first + 1).filter(({ message }) => message !== "empty").length;
    // One that ends without any has failed, and is followed by a look as well.
    expected.splice(first < 0 ? expected.length : before, 0, "missed");
    expect(told.all.slice(0, expected.length + 2)).toEqual(["missed", ...expected, "ORGANIZATION_CONFIG"]);
    // The vector with an id beyond ASCII leaves an empty value to clients whose headers cannot hold it.
    const header = /^[\x21-\x7e]*$/.test(next_last_event_id_header ?? "") ? next_last_event_id_header : "";
    if (header !== undefined) expect(server.requests[1]?.headers["last-event-id"]).toBe(header ?? undefined);
    await connection.stopEvents();
  });
});
