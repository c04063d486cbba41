import { Worker } from "node:worker_threads";
import { ready } from "@parsec/crypto";
import { ping } from "@parsec/protocol";
import { encode } from "@parsec/types";
import type { Dispatcher } from "undici";
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createTransport, type Transport } from "../src/index.ts";
import { FreshAgent } from "../src/node/fresh-agent.ts";
import { connectDevice } from "./support/device.ts";
import { configFrame, startStream } from "./support/events.ts";
import { listen } from "./support/listen.ts";
import { organizationAt } from "./support/organization-address.ts";
import { startStubServer } from "./support/stub-server.ts";

const pong = encode(ping.reply, { status: "ok", pong: "hello" });

let server: Worker;
let transport: Transport;
let cells: Int32Array;
let url: string;

beforeAll(() => ready());
beforeEach(async () => {
  const shared = new SharedArrayBuffer(12);
  cells = new Int32Array(shared);
  server = new Worker(new URL("support/closing-server.js", import.meta.url), { workerData: { answer: pong, shared } });
  const port = await new Promise<number>((resolve) => server.once("message", resolve));
  url = `http://127.0.0.1:${port}`;
  transport = createTransport({ proxy: "none" });
});
afterEach(async () => {
  await transport.close();
  await server.terminate();
});

const sendPing = () => connectDevice(organizationAt(url), transport).connection.send(ping, { ping: "hello" });
const requests = () => Atomics.load(cells, 0);

/** Keeps the loop until the server has closed all connections, as it does when they were idle for too long. */
function blockUntilClosed(): void {
  Atomics.store(cells, 1, 1);
  // As long as a computation that makes a server lose its patience: never less than half a second.
  const end = Date.now() + 600;
  while (Date.now() < end || Atomics.load(cells, 2) === 0) Atomics.wait(cells, 2, 0, 10);
  Atomics.store(cells, 1, 0);
  Atomics.store(cells, 2, 0);
}

describe("after the program kept the loop for longer than the server keeps a connection", () => {
  it("the next command succeeds, and none is sent twice", async () => {
    for (let round = 1; round <= 5; round += 1) {
      expect(await sendPing()).toEqual({ status: "ok", pong: "hello" });
      blockUntilClosed();
      expect(await sendPing()).toEqual({ status: "ok", pong: "hello" });
      expect(requests()).toBe(2 * round);
    }
  });

  it("many at once succeed", async () => {
    await Promise.all(Array.from({ length: 8 }, sendPing));
    blockUntilClosed();
    const replies = await Promise.all(Array.from({ length: 8 }, sendPing));
    expect(replies).toEqual(Array.from({ length: 8 }, () => ({ status: "ok", pong: "hello" })));
    expect(requests()).toBe(16);
  });

  it("what was under way goes on, on its own connection", async () => {
    const sent = sendPing();
    const end = Date.now() + 600;
    while (Date.now() < end);
    const after = sendPing();
    expect(await Promise.all([sent, after])).toMatchObject([{ status: "ok" }, { status: "ok" }]);
    expect(requests()).toBe(2);
  });
});

describe("after a pause", () => {
  afterEach(() => vi.restoreAllMocks());

  /** A server that counts connections, and a clock of the computer that jumps. */
  async function connectionsAfter(jumpMs: number): Promise<number> {
    const plain = await startStubServer((_request, response) => response.end(pong));
    const seen = new Set<unknown>();
    const send = () => connectDevice(organizationAt(plain.url), transport).connection.send(ping, { ping: "hello" });
    const start = Date.now();
    const now = vi.spyOn(Date, "now").mockReturnValue(start);
    await send();
    for (const socket of plain.sockets) seen.add(socket);
    // By then the connection is free again.
    await new Promise(setImmediate);
    now.mockReturnValue(start + jumpMs);
    await send();
    for (const socket of plain.sockets) seen.add(socket);
    await transport.close();
    await plain.close();
    return seen.size;
  }

  it.each([
    [0, 1],
    // The program was at rest: the end of a connection would have been heard.
    [600, 1],
    [3999, 1],
    [4000, 2],
    // The computer slept, or its clock was set back.
    [3_600_000, 2],
    [-1, 2],
  ])("of %d ms, %d connections were opened", async (jumpMs, expected) => {
    expect(await connectionsAfter(jumpMs)).toBe(expected);
  });

  it("the stream of events goes on as it was, and ends with the transport", async () => {
    let stream: ReturnType<typeof startStream> | undefined;
    const plain = await startStubServer(({ method }, response) => {
      if (method === "POST") response.end(pong);
      else {
        stream = startStream(response);
        stream.write(configFrame());
      }
    });
    const { connection } = connectDevice(organizationAt(plain.url), transport);
    const { told, states } = listen(connection);
    await vi.waitUntil(() => told.all.includes("ORGANIZATION_CONFIG"));
    for (let k = 1; k <= 3; k += 1) {
      vi.spyOn(Date, "now").mockReturnValue(Date.now() + k * 10_000);
      expect(await connection.send(ping, { ping: "hello" })).toMatchObject({ status: "ok" });
    }
    stream?.write(configFrame());
    await vi.waitUntil(() => told.all.filter((what) => what === "ORGANIZATION_CONFIG").length === 2);
    expect(states.all).toEqual([{ status: "online" }]);
    await transport.close();
    await vi.waitUntil(() => plain.sockets.size === 0);
    await connection.stopEvents();
    await plain.close();
  });
});

describe("news from the network", () => {
  it("that come after the end open nothing", async () => {
    let made = 0;
    const done = async () => undefined;
    const agent = new FreshAgent(() => {
      made += 1;
      return { close: done, destroy: done } as unknown as Dispatcher;
    }, 4000);
    await agent.destroy();
    const now = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 10_000);
    onTestFinished(() => now.mockRestore());
    agent.seen();
    agent.get();
    expect(made).toBe(1);
  });

  it("that come with the end of a stall renew the sockets before they lead to a request", async () => {
    const retired: string[] = [];
    let made = 0;
    const agent = new FreshAgent(() => {
      made += 1;
      const name = `agent ${made}`;
      const closed = async () => void retired.push(name);
      return { close: closed, destroy: closed } as unknown as Dispatcher;
    }, 4000);
    const first = agent.get();
    const end = Date.now() + 600;
    while (Date.now() < end);
    agent.seen();
    expect(agent.get()).not.toBe(first);
    expect(retired).toEqual(["agent 1"]);
    // Nothing more happens.
    const second = agent.get();
    agent.seen();
    expect(agent.get()).toBe(second);
    expect(made).toBe(2);
  });
});
