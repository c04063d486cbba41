import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { ready } from "@parsec/crypto";
import { ping } from "@parsec/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { comes } from "../../../../test/support/patience.ts";
import { Target } from "../../conformance/index.ts";
import { EventListener } from "../../conformance/support/event-listener.ts";
import { expectStatus } from "../../conformance/support/organization.ts";
import { ByteBudget } from "../../src/http/byte-budget.ts";
import { listen } from "../../src/http/listen.ts";
import { type RunningServer, type ServerConfig } from "../../src/index.ts";
import { defaultLimits } from "../../src/limits.ts";
import { startTestServer } from "../support/start.ts";

const folder = mkdtempSync(join(tmpdir(), "parsec-slow-"));
const mebibyte = 1024 * 1024;
const asset = Buffer.alloc(4 * mebibyte, "0123456789abcdef");
let server: RunningServer;

beforeAll(async () => {
  await ready();
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<p>app</p>");
  writeFileSync(join(folder, "assets/large.bin"), asset);
  writeFileSync(join(folder, "assets/empty.bin"), "");
  writeFileSync(join(folder, "assets/large.bin.br"), "brotli");
});
afterEach(async () => await server?.close());
afterAll(() => rmSync(folder, { recursive: true }));

async function start(config: Partial<ServerConfig> = {}): Promise<void> {
  server = await startTestServer({ testbed: true, config: { webAppDirectory: folder, ...config } });
}

async function open(): Promise<Socket> {
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** A client that asks, and reads no more than the beginning of the answer. */
async function askAndStop(request: string): Promise<Socket> {
  const socket = await open();
  socket.write(request);
  await once(socket, "readable");
  return socket;
}

const getAsset = "GET /client/assets/large.bin HTTP/1.1\r\nHost: x\r\n\r\n";

describe("files of the web application", () => {
  test("arrive whole, with their length", async () => {
    await start();
    const response = await fetch(`${server.url}/client/assets/large.bin`, { headers: { "Accept-Encoding": "gzip" } });
    expect(response.headers.get("content-length")).toBe(String(asset.length));
    expect(Buffer.from(await response.arrayBuffer()).equals(asset)).toBe(true);
    const empty = await fetch(`${server.url}/client/assets/empty.bin`);
    expect([empty.status, (await empty.arrayBuffer()).byteLength]).toEqual([200, 0]);
    const head = await fetch(`${server.url}/client/assets/large.bin`, { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe(String(asset.length));
  });

  test("take little memory, however many clients never read them", async () => {
    await start();
    const before = process.memoryUsage().arrayBuffers;
    const sockets = await Promise.all(Array.from({ length: 60 }, () => askAndStop(getAsset)));
    // Whatever the server has read for them is in buffers by now: it answers others meanwhile.
    for (let round = 0; round < 10; round += 1) await (await fetch(`${server.url}/client/`)).arrayBuffer();
    // Whole files would be 240 MiB; what the collector has not freed yet of the pieces sent is some tens.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(120 * mebibyte);
    for (const socket of sockets) socket.destroy();
  });

  test("are closed when their client goes away", async () => {
    await start();
    const openFiles = () =>
      readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
        } catch {
          return false;
        }
      }).length;
    const sockets = await Promise.all(Array.from({ length: 5 }, () => askAndStop(getAsset)));
    const become = async (count: number) => {
      for (let turn = 0; turn < 100_000 && openFiles() !== count; turn += 1) await setImmediate();
      expect(openFiles()).toBe(count);
    };
    await become(5);
    await Promise.all(sockets.map((socket) => once(socket.destroy(), "close")));
    await become(0);
  });
});

describe("a response of which nothing is read", () => {
  test("is cut", async () => {
    let isOver: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      isOver = resolve;
    });
    const options = { host: "127.0.0.1", port: 0, tls: undefined, requestTimeout: 30_000, maxConnections: 10 };
    const listening = await listen(
      (_request, response) => {
        response.once("close", isOver);
        response.end(Buffer.alloc(16 * mebibyte));
      },
      { ...options, responseTimeout: 200 },
    );
    const socket = connect(listening.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await comes("the response to be cut", over);
    // What was under way still comes, then the end.
    await comes("the connection to be cut", once(socket.resume(), "close"));
    expect(socket.bytesRead).toBeLessThan(16 * mebibyte);
    await listening.close(1000);
  });

  test("is cut in its time, a connection without request in the time of requests", async () => {
    await start({ responseTimeout: 60, requestTimeout: 600 });
    const [silent, kept] = [await open(), await open()];
    let text = "";
    silent.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    kept.resume().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await comes("the silent connection to be cut", once(silent, "close"));
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect((await fetch(server.url)).status).toBe(200);
    kept.destroy();
  });

  test("waits for what is not there yet: a quiet stream, a slow command", async () => {
    await start({ responseTimeout: 200, sseKeepalive: 1 });
    const target = await Target.connect(server.url, server.administrationToken);
    const org = await target.organization();
    const listener = await EventListener.open(org, org.alice);
    await listener.next();
    server.hostile?.add({ kind: "delay", delay_ms: 700, match: { command: "ping" } });
    expectStatus(await org.send(org.alice, ping, { ping: "slow" }), "ok");
    let keepalives = 0;
    while (keepalives < 2) if ((await listener.frame())?.event === "keepalive") keepalives += 1;
    listener.close();
  });
});

describe("the bodies of requests", () => {
  test("that are too much at once wait, source by source", async () => {
    const bodyBytes = { total: 3 * mebibyte, perSource: 2 * mebibyte };
    await start({ limits: { ...defaultLimits, bodyBytes } });
    const request = (from: string, length: number) =>
      `POST /anonymous_server HTTP/1.1\r\nHost: x\r\nApi-Version: 5.6\r\nX-Forwarded-For: ${from}\r\n` +
      `Content-Type: application/msgpack\r\nContent-Length: ${length}\r\n\r\n`;
    const send = async (from: string, body: string, length = body.length) => {
      const socket = await open();
      socket.write(request(from, length) + body);
      let text = "";
      const status = new Promise<string>((resolve) => {
        socket.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
          resolve(text.slice(9, 12));
        });
      });
      return { socket, status, text: () => text };
    };
    const garbage = "x".repeat(100);
    const held = [await send("203.0.113.1", "x", mebibyte), await send("203.0.113.1", "x", mebibyte)];
    const waiting = await send("203.0.113.1", garbage);
    const other = await send("203.0.113.2", garbage);
    expect(await other.status).toBe("415");
    expect(waiting.text()).toBe("");
    held[0]?.socket.destroy();
    expect(await waiting.status).toBe("415");
    for (const { socket } of [...held, waiting, other]) socket.destroy();
  });

  test("are accounted for: in order of arrival, with the memory of those that end or go away", async () => {
    const budget = new ByteBudget({ total: 10, perSource: 6 });
    const never = new AbortController().signal;
    const order: string[] = [];
    const take = async (name: string, ip: string, bytes: number, signal = never) => {
      const giveBack = await budget.take(ip, bytes, signal);
      order.push(name);
      return giveBack;
    };
    const a1 = await take("a1", "a", 6);
    const abort = new AbortController();
    const a2 = take("a2", "a", 1, abort.signal);
    const b1 = take("b1", "b", 5);
    const b2 = await take("b2", "b", 4);
    const a3 = take("a3", "a", 2);
    expect([order, budget.used]).toEqual([["a1", "b2"], 10]);
    abort.abort(new Error("gone"));
    await expect(a2).rejects.toThrow("gone");
    await expect(take("a4", "a", 1, abort.signal)).rejects.toThrow("gone");
    a1();
    (await a3)();
    expect(order).toEqual(["a1", "b2", "a3"]);
    b2();
    (await b1)();
    expect([order, budget.used]).toEqual([["a1", "b2", "a3", "b1"], 0]);
    // What is larger than all there is starts when nothing else is there.
    const large = await take("large", "a", 100);
    const next = take("next", "b", 1);
    expect(order.at(-1)).toBe("large");
    large();
    (await next)();
    expect(budget.used).toBe(0);
  });
});
