import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ready } from "@parsec/crypto";
import { ping } from "@parsec/protocol";
import { encode } from "@parsec/types";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Authority, createAuthority } from "../../../test/support/certificates.ts";
import { createTransport, type TransportOptions } from "../src/index.ts";
import { connectDevice } from "./support/device.ts";
import { configFrame, startStream } from "./support/events.ts";
import { listen } from "./support/listen.ts";
import { organizationAt } from "./support/organization-address.ts";
import { type StubServer, startStubServer } from "./support/stub-server.ts";

const pong = encode(ping.reply, { status: "ok", pong: "hello" });

let authority: Authority;
let server: StubServer;
let folder: string;
let count = 0;

beforeAll(async () => {
  await ready();
  folder = mkdtempSync(join(tmpdir(), "parsec-ca-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  authority = createAuthority();
  server = await startStubServer((_request, response) => response.end(pong), { tls: authority.issue("127.0.0.1") });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

async function sendPing(options: TransportOptions = {}): Promise<unknown> {
  const transport = createTransport({ proxy: "none", ...options });
  try {
    return await connectDevice(organizationAt(server.url), transport).connection.send(ping, { ping: "hello" });
  } finally {
    await transport.close();
  }
}

function fileOf(pem: string): string {
  const file = join(folder, `${(count += 1)}.pem`);
  writeFileSync(file, pem);
  return file;
}

describe("TLS with a private authority", () => {
  it("is refused by default", async () => {
    await expect(sendPing()).rejects.toMatchObject({
      code: "OFFLINE",
      cause: { code: expect.stringMatching(/CERT|VERIFY/) },
    });
    expect(server.requests).toHaveLength(0);
  });

  it("is accepted when its certificate is given", async () => {
    expect(await sendPing({ ca: authority.pem })).toEqual({ status: "ok", pong: "hello" });
  });

  it("is accepted when SSL_CAFILE names a file with it, among others", async () => {
    vi.stubEnv("SSL_CAFILE", fileOf(`# a comment\n${createAuthority("Another authority").pem}${authority.pem}`));
    expect(await sendPing()).toEqual({ status: "ok", pong: "hello" });
  });

  it("is still refused for the certificate of another host", async () => {
    await server.close();
    server = await startStubServer((_request, response) => response.end(pong), { tls: authority.issue("example.com") });
    await expect(sendPing({ ca: authority.pem })).rejects.toMatchObject({
      code: "OFFLINE",
      cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" },
    });
  });

  it("carries the stream of events", async () => {
    server.answer = (_request, response) => startStream(response).write(configFrame());
    const transport = createTransport({ proxy: "none", ca: authority.pem });
    const { connection } = connectDevice(organizationAt(server.url), transport);
    const { states } = listen(connection);
    expect(await states.take()).toEqual({ status: "online" });
    await connection.stopEvents();
    await transport.close();
  });
});

describe("certificates that cannot be used", () => {
  it("fail the transport, not the first request", () => {
    const broken = authority.pem.replace(/\n.{20}/, `\n${"A".repeat(20)}`);
    for (const ca of ["", "not PEM", broken]) {
      expect(() => createTransport({ ca })).toThrow(expect.objectContaining({ code: "INVALID_CA" }));
      vi.stubEnv("SSL_CAFILE", fileOf(ca));
      expect(() => createTransport()).toThrow(expect.objectContaining({ code: "INVALID_CA" }));
    }
    vi.stubEnv("SSL_CAFILE", "/nowhere/ca.pem");
    expect(() => createTransport()).toThrow(expect.objectContaining({ code: "INVALID_CA" }));
  });
});
