import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { AuthenticatedConnection, createTransport, type Transport } from "@parsec/connection";
import { ready, SigningKey } from "@parsec/crypto";
import { createDeviceToken, ping } from "@parsec/protocol";
import { authenticatedEndpoint, DateTime, DeviceId, encode, OrganizationId, parseServerHttpUrl } from "@parsec/types";
import { Agent } from "undici";
import { afterAll, beforeAll, it } from "vitest";
import { compare } from "./compare.ts";

// Small commands through a connection, against the same bytes handed to undici. Bar: 1.3 times its duration.
const bar = 1 / 1.3;
const count = 2000;
const reply = encode(ping.reply, { status: "ok", pong: "hello" });
const body = encode(ping.request, { cmd: "ping", ping: "hello" });

/** In a thread of its own, as a server is not part of a client's work. */
const serverProgram = `
  const { createServer } = require("node:http");
  const { parentPort, workerData } = require("node:worker_threads");
  const server = createServer((request, response) => request.resume().on("end", () => response.end(workerData)));
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

let server: Worker;
let transport: Transport;
let agent: Agent;
let sendOurs: () => Promise<unknown>;
let sendRaw: () => Promise<unknown>;

beforeAll(async () => {
  await ready();
  server = new Worker(serverProgram, { eval: true, workerData: reply });
  const [port] = await once(server, "message");
  const url = `http://127.0.0.1:${port}`;
  const [deviceId, signingKey] = [DeviceId.generate(), SigningKey.generate()];
  const address = {
    ...parseServerHttpUrl(url),
    kind: "organization",
    organizationId: OrganizationId.parse("Bench"),
    rootVerifyKey: signingKey.verifyKey,
  } as const;
  transport = createTransport({ proxy: "none" });
  agent = new Agent({ connections: 16 });
  const connection = new AuthenticatedConnection({ address, deviceId, signingKey, transport });
  sendOurs = () => connection.send(ping, { ping: "hello" });
  const headers = {
    "Api-Version": "5.6",
    "Content-Type": "application/msgpack",
    "User-Agent": "Parsec-Client/0.1.0 Linux",
    Authorization: `Bearer ${createDeviceToken(deviceId, signingKey, DateTime.fromMicros(Date.now() * 1000))}`,
  };
  const { pathname } = new URL(authenticatedEndpoint(address));
  sendRaw = async () => {
    const { body: answer } = await agent.request({ origin: url, path: pathname, method: "POST", headers, body });
    return answer.arrayBuffer();
  };
});
afterAll(async () => {
  await Promise.all([transport.close(), agent.destroy()]);
  await server.terminate();
});

async function inTurn(send: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i += 1) await send();
}

async function inFlight(send: () => Promise<unknown>, lanes: number): Promise<void> {
  const lane = async () => {
    for (let i = 0; i < count / lanes; i += 1) await send();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

it("sends one after the other", async () => {
  await compare({ name: `${count} commands in turn`, raw: () => inTurn(sendRaw), ours: () => inTurn(sendOurs), bar });
});

it("sends eight at a time", async () => {
  const raw = () => inFlight(sendRaw, 8);
  await compare({ name: `${count} commands, 8 in flight`, raw, ours: () => inFlight(sendOurs, 8), bar });
});
