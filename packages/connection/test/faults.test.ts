import { createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { ready } from "@parsec/crypto";
import { blockCreate, ping } from "@parsec/protocol";
import { BlockId, encode, VlobId } from "@parsec/types";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createTransport, type Transport } from "../src/index.ts";
import { connectDevice } from "./support/device.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "./support/fault-proxy.ts";
import { organizationAt } from "./support/organization-address.ts";
import { type StubServer, startStubServer } from "./support/stub-server.ts";

const pong = encode(ping.reply, { status: "ok", pong: "hello" });

let server: StubServer;
let proxy: FaultProxy;
let transport: Transport;

beforeAll(() => ready());
beforeEach(async () => {
  transport = createTransport({ proxy: "none" });
  server = await startStubServer((_request, response) => response.end(pong));
  proxy = await startFaultProxy(server.port);
});
afterEach(async () => {
  await transport.close();
  // Nothing of ours holds a socket any more, whatever befell it.
  await vi.waitUntil(() => proxy.sockets.size === 0 && server.sockets.size === 0);
  await proxy.close();
  await server.close();
});

const sendPing = (url = proxy.url, options: { signal?: AbortSignal } = {}) =>
  connectDevice(organizationAt(url), transport).connection.send(ping, { ping: "hello" }, options);

/** The size of the whole answer to a ping, with its head. */
async function answerSize(): Promise<number> {
  let size = 0;
  server.answer = (_request, response) => {
    const { socket } = response;
    const before = socket?.bytesWritten ?? 0;
    response.end(pong, () => {
      size = (socket?.bytesWritten ?? 0) - before;
    });
  };
  await sendPing(server.url);
  await vi.waitUntil(() => size > 0);
  return size;
}

describe("a reply on a bad network", () => {
  it.each<[string, Fault]>([
    ["a cut", {}],
    ["a reset", { reset: true }],
  ])(
    "is lost by %s at any byte, and the request is not repeated",
    async (_name, fault) => {
      const size = await answerSize();
      const before = server.requests.length;
      for (let k = 0; k < size; k += 1) {
        const cut = await startFaultProxy(server.port);
        cut.faults = [{ ...fault, cutAfter: k }];
        await expect(sendPing(cut.url)).rejects.toMatchObject({ code: "OFFLINE", kind: "offline" });
        await vi.waitUntil(() => cut.sockets.size === 0);
        await cut.close();
      }
      expect(server.requests.length - before).toBeLessThanOrEqual(size);
    },
    60_000,
  );

  it.each([0, 10, 200])("is given up when nothing comes after byte %d", async (stallAfter) => {
    server.answer = (_request, response) => response.end(Buffer.alloc(1000));
    proxy.faults = [{ stallAfter }];
    const { connection, clock } = connectDevice(organizationAt(proxy.url), transport, { timeoutMs: 30_000 });
    const sent = connection.send(ping, { ping: "hello" });
    sent.catch(() => undefined);
    await vi.waitUntil(() => server.requests.length === 1);
    clock.advance(29_999);
    expect(proxy.sockets.size).toBe(1);
    await vi.waitUntil(() => clock.waits.length === 1);
    clock.advance(30_000);
    await expect(sent).rejects.toMatchObject({ code: "OFFLINE", message: expect.stringContaining("silent for 30 s") });
    await vi.waitUntil(() => proxy.sockets.size === 0);
    expect(clock.pendingTimers).toBe(0);
  });

  it("comes byte by byte", async () => {
    proxy.faults = [{ drip: true }];
    expect(await sendPing()).toEqual({ status: "ok", pong: "hello" });
  });

  it("may take longer than the limit, as long as something comes", async () => {
    const rest = [...pong];
    let writeNext = () => {};
    server.answer = (_request, response) => {
      response.writeHead(200, { "Content-Length": pong.length });
      writeNext = () => response.write(Buffer.of(rest.shift() ?? 0));
      writeNext();
    };
    let read = 0;
    const counted = async function* (body: AsyncIterable<Uint8Array>) {
      for await (const part of body) {
        yield part;
        // Asked for the next part: this one was dealt with.
        read += part.length;
      }
    };
    const counting: Transport = {
      ...transport,
      request: async (request, cancellation) => {
        const response = await transport.request(request, cancellation);
        return { ...response, body: counted(response.body) };
      },
    };
    const { connection, clock } = connectDevice(organizationAt(proxy.url), counting, { timeoutMs: 10_000 });
    const sent = connection.send(ping, { ping: "hello" });
    for (let k = 1; k < pong.length; k += 1) {
      await vi.waitUntil(() => read === k, { interval: 1 });
      clock.advance(9000);
      writeNext();
    }
    expect(await sent).toEqual({ status: "ok", pong: "hello" });
  });

  it("comes late", async () => {
    let release = () => {};
    proxy.faults = [{ latency: new Promise((resolve) => (release = resolve)) }];
    const sent = sendPing();
    await vi.waitUntil(() => server.requests.length === 1);
    release();
    expect(await sent).toEqual({ status: "ok", pong: "hello" });
  });

  it("does not come from a server that is down, or a name that does not exist", async () => {
    const down = await startStubServer(() => undefined);
    await down.close();
    for (const url of [down.url, "http://nowhere.invalid"]) {
      await expect(sendPing(url)).rejects.toMatchObject({ code: "OFFLINE", cause: expect.any(Error) });
    }
  });

  it("does not come from a server that closes its side of an idle connection: the next request opens another", async () => {
    await sendPing();
    for (const socket of server.sockets) socket.destroy();
    await vi.waitUntil(() => proxy.sockets.size === 0);
    expect(await sendPing()).toMatchObject({ status: "ok" });
  });
});

describe("an answer of something else", () => {
  it.each<[string, number, Record<string, string>, string | Buffer, string]>([
    ["a page of a captive portal", 200, { "Content-Type": "text/html" }, "<html>Please log in</html>", "BAD_REPLY"],
    ["an empty page", 200, {}, "", "BAD_REPLY"],
    ["a page with status 511", 511, { "Content-Type": "text/html" }, "<html>Please log in</html>", "OFFLINE"],
    ["a page with status 404", 404, { "Content-Type": "text/html" }, "<html>Not here</html>", "ORGANIZATION_NOT_FOUND"],
    ["msgpack of another kind", 200, {}, Buffer.of(0x93, 1, 2, 3), "BAD_REPLY"],
    ["a status without its fields", 200, {}, Buffer.from("\x81\xa6status\xa2ok", "latin1"), "BAD_REPLY"],
    ["a length that is too long", 200, { "Content-Length": "9999" }, pong as Buffer, "OFFLINE"],
    ["a length beyond the limit", 200, { "Content-Length": "99999999999" }, pong as Buffer, "BAD_REPLY"],
  ])("is a typed error: %s", async (_name, status, headers, body, code) => {
    server.answer = (_request, response) => {
      response.writeHead(status, headers);
      if ("Content-Length" in headers) response.write(body, () => response.destroy());
      else response.end(body);
    };
    await expect(sendPing()).rejects.toMatchObject({ code });
    expect(server.requests).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])("is not followed: a redirection to itself by %d", async (status) => {
    server.answer = (request, response) => response.writeHead(status, { Location: request.path }).end();
    await expect(sendPing()).rejects.toMatchObject({ code: "OFFLINE", status });
    expect(server.requests).toHaveLength(1);
  });

  it("is a length that is too short", async () => {
    const raw = createServer((socket) => {
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + "x".repeat(50)));
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => raw.listen(0, "127.0.0.1", resolve));
    const address = raw.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await expect(sendPing(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: expect.stringMatching(/^(BAD_REPLY|OFFLINE)$/),
    });
    await transport.close();
    await new Promise((resolve) => raw.close(resolve));
  });

  it("is a compressed bomb, that is not unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024), { level: 9 });
    server.answer = (_request, response) => response.writeHead(200, { "Content-Encoding": "gzip" }).end(bomb);
    const before = process.memoryUsage().arrayBuffers;
    await expect(sendPing()).rejects.toMatchObject({ code: "BAD_REPLY" });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 1024 * 1024);
  });

  it("is a refusal with a body without end, whose socket is freed", async () => {
    server.answer = (_request, response) => void response.writeHead(403).write("x");
    await expect(sendPing()).rejects.toMatchObject({ code: "BAD_AUTHENTICATION" });
    await vi.waitUntil(() => proxy.sockets.size === 0);
  });

  it("is a body without end, that is not read to its end", async () => {
    let sent = 0;
    server.answer = (_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024);
      const more = () => {
        sent += chunk.length;
        if (!response.destroyed) response.write(chunk, more);
      };
      more();
    };
    await expect(sendPing(server.url)).rejects.toMatchObject({ code: "BAD_REPLY" });
    expect(sent).toBeLessThan(128 * 1024 * 1024);
  });
});

describe("an abort", () => {
  const reason = new Error("enough");

  it("before anything is sent", async () => {
    await expect(sendPing(proxy.url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.requests).toHaveLength(0);
  });

  it("while the answer is awaited, frees the socket", async () => {
    server.answer = () => undefined;
    const controller = new AbortController();
    const sent = sendPing(proxy.url, { signal: controller.signal });
    await vi.waitUntil(() => server.requests.length === 1);
    controller.abort(reason);
    await expect(sent).rejects.toBe(reason);
    await vi.waitUntil(() => proxy.sockets.size === 0 && server.sockets.size === 0);
  });

  it("while the answer is read, frees the socket", async () => {
    server.answer = (_request, response) => void response.writeHead(200, { "Content-Length": "100" }).write("x");
    const controller = new AbortController();
    const { connection, clock } = connectDevice(organizationAt(proxy.url), transport);
    const sent = connection.send(ping, { ping: "hello" }, { signal: controller.signal });
    await vi.waitUntil(() => server.requests.length === 1);
    controller.abort(reason);
    await expect(sent).rejects.toBe(reason);
    await vi.waitUntil(() => proxy.sockets.size === 0 && server.sockets.size === 0);
    expect(clock.pendingTimers).toBe(0);
  });

  it("while it connects does not wait for the connection", async () => {
    // A listener that never accepts, its queue full, answers nothing to a further connection.
    const controller = new AbortController();
    const sent = sendPing("http://10.255.255.1:9", { signal: controller.signal });
    controller.abort(reason);
    await expect(sent).rejects.toBe(reason);
  });
});

describe("a request that servers would refuse", () => {
  it("for its size is not sent", async () => {
    const { connection } = connectDevice(organizationAt(proxy.url), transport);
    const block = new Uint8Array(1024 * 1024);
    const fields = { blockId: BlockId.generate(), realmId: VlobId.generate(), keyIndex: 1, block };
    await expect(connection.send(blockCreate, fields)).rejects.toMatchObject({ code: "BODY_TOO_LARGE" });
    expect(server.requests).toHaveLength(0);
  });
});
