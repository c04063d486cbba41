import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { ready } from "@parsec/crypto";
import { ping } from "@parsec/protocol";
import { afterEach, beforeAll, expect, test } from "vitest";
import { comes } from "../../../../test/support/patience.ts";
import { Target } from "../../conformance/index.ts";
import { authorization } from "../../conformance/support/client.ts";
import { EventListener } from "../../conformance/support/event-listener.ts";
import { expectStatus } from "../../conformance/support/organization.ts";
import { type RunningServer, startServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";

let server: RunningServer | undefined;
beforeAll(() => ready());
afterEach(async () => await server?.close());

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** What the server sends until it closes the connection. */
async function answerOf(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  socket.on("error", () => undefined);
  await comes("the server to close the connection", once(socket, "close"));
  return text;
}

test("a client that never ends its headers, or its body, gets 408 and is cut", async () => {
  server = await startTestServer({ dev: true, config: { requestTimeout: 300 } });
  const headers = await open(server.port);
  headers.write("POST /anonymous_server HTTP/1.1\r\nHost: x\r\n");
  const body = await open(server.port);
  body.write(
    "POST /anonymous_server HTTP/1.1\r\nHost: x\r\nApi-Version: 5.6\r\n" +
      "Content-Type: application/msgpack\r\nContent-Length: 10\r\n\r\nabc",
  );
  const [first, second] = await Promise.all([answerOf(headers), answerOf(body)]);
  expect(first).toMatch(/^HTTP\/1\.1 408 /);
  expect(second === "" || /^HTTP\/1\.1 4(08|13) /.test(second)).toBe(true);
});

test("the default patience is 30 seconds", async () => {
  const { defaultConfig } = await import("../../src/config.ts");
  expect(defaultConfig.requestTimeout).toBe(30_000);
});

test("close ends event streams, and leaves no socket and no timer", async () => {
  server = await startTestServer({ dev: true });
  const target = await Target.connect(server.url, server.administrationToken);
  const org = await target.organization();
  const listeners = await Promise.all([1, 2, 3].map(() => EventListener.open(org, org.alice)));
  await server.close();
  await Promise.all(listeners.map((listener) => listener.ended()));
  await expect(fetch(server.url)).rejects.toThrow();
  const left = process.getActiveResourcesInfo().filter((kind) => kind === "TCPServerWrap");
  expect(left).toEqual([]);
});

test("close waits for a request under way no longer than its grace", async () => {
  server = await startTestServer({ dev: true, config: { stopGrace: 100 } });
  const endless = await open(server.port);
  const head =
    "POST /anonymous_server HTTP/1.1\r\nHost: x\r\nApi-Version: 5.6\r\nContent-Type: application/msgpack\r\n";
  endless.write(`${head}Expect: 100-continue\r\nContent-Length: 10\r\n\r\n`);
  // The server has begun with it.
  await comes("the server to ask for the body", once(endless, "data"));
  const answer = answerOf(endless);
  await comes("the server to close", server.close());
  expect(await answer).toBe("");
});

test("the grace is 10 seconds", async () => {
  const { defaultConfig } = await import("../../src/config.ts");
  expect(defaultConfig.stopGrace).toBe(10_000);
});

test("a second close waits for the first", async () => {
  server = await startTestServer({ dev: true });
  await Promise.all([server.close(), server.close()]);
  await using another = await startTestServer({ dev: true, port: server.port });
  expect(another.port).toBe(server.port);
});

test("a port that is taken is a typed error", async () => {
  server = await startTestServer({ dev: true });
  const second = startTestServer({ dev: true, port: server.port });
  await expect(second).rejects.toMatchObject({ code: "ADDRESS_IN_USE" });
});

test("no server is open by accident", async () => {
  await expect(startServer()).rejects.toMatchObject({ code: "ADMINISTRATION_TOKEN_MISSING" });
  server = await startTestServer({ administrationToken: "secret" });
  expect((await fetch(`${server.url}/testbed/clock`, { method: "PUT", body: "{}" })).status).toBe(404);
});

test("a flood of connections is refused beyond a limit, and service goes on", async () => {
  server = await startTestServer({ dev: true, config: { maxConnections: 5 } });
  const sockets = await Promise.all(Array.from({ length: 20 }, () => open(server?.port ?? 0)));
  const closed = sockets.map((socket) => once(socket, "close").catch(() => undefined));
  for (const socket of sockets) socket.on("error", () => undefined).resume();
  await comes("a connection to be refused", Promise.race(closed));
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
  expect((await fetch(server.url)).status).toBe(200);
});

test("a client that does not read its events loses the stream, with those that were queued before", async () => {
  server = await startTestServer({ dev: true });
  const target = await Target.connect(server.url, server.administrationToken);
  const org = await target.organization();
  const { Authorization = "" } = authorization({ kind: "device", ...org.alice }, org.now());
  const socket = await open(server.port);
  socket.pause();
  socket.write(
    `GET /authenticated/${org.id}/events HTTP/1.1\r\nHost: x\r\nApi-Version: 5.6\r\nAccept: text/event-stream\r\n` +
      `Authorization: ${Authorization}\r\n\r\n`,
  );
  await once(socket, "readable");
  // More than the buffers of both sockets hold, then more than a hundred small frames.
  const pings = [...Array<string>(10).fill("x".repeat(1_000_000)), ...Array<string>(120).fill("x")];
  for (const text of pings) expectStatus(await org.send(org.alice, ping, { ping: text }), "ok");
  let [frames, tail] = [0, ""];
  for await (const chunk of socket.setEncoding("utf8")) {
    frames += String(chunk).split("\nid:").length - 1;
    tail = (tail + String(chunk)).slice(-10);
    if (tail.endsWith("0\r\n\r\n")) break;
  }
  expect(frames).toBeGreaterThan(100);
  expect(frames).toBeLessThan(pings.length);
}, 60_000);
