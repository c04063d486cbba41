import { Worker } from "node:worker_threads";
import { ready } from "@parsec/crypto";
import { ping } from "@parsec/protocol";
import { encode } from "@parsec/types";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTransport, type Transport } from "../src/index.ts";
import { connectDevice } from "./support/device.ts";
import { organizationAt } from "./support/organization-address.ts";

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
