import { createServer, type Server } from "node:net";
import { InvalidArgumentError } from "@parsec/base";
import { ready } from "@parsec/crypto";
import { ping } from "@parsec/protocol";
import { encode } from "@parsec/types";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAuthority } from "../../../test/support/certificates.ts";
import { createTransport, type Transport, userAgent } from "../src/index.ts";
import { offlineError } from "../src/node/network-error.ts";
import { connectDevice } from "./support/device.ts";
import { organizationAt } from "./support/organization-address.ts";
import { type StubServer, startStubServer } from "./support/stub-server.ts";

const pong = encode(ping.reply, { status: "ok", pong: "hello" });

let server: StubServer;
let transport: Transport;

beforeAll(() => ready());
beforeEach(async () => {
  transport = createTransport({ proxy: "none" });
  server = await startStubServer((_request, response) => response.end(pong));
});
afterEach(async () => {
  await transport.close();
  await server.close();
});

const sendPing = (url: string, by: Transport = transport) =>
  connectDevice(organizationAt(url), by).connection.send(ping, { ping: "hello" });

describe("why there is no answer", () => {
  it("is a name that is not found", async () => {
    await expect(sendPing("http://nowhere.invalid")).rejects.toMatchObject({
      ...{ code: "OFFLINE", reason: "dns", isFromParsec: false },
      message: expect.stringMatching(/name was not found .*: check .* name of the server/),
    });
  });

  it("is nobody who listens", async () => {
    const down = await startStubServer(() => undefined);
    await down.close();
    await expect(sendPing(down.url)).rejects.toMatchObject({
      ...{ reason: "refused", cause: { code: "ECONNREFUSED" } },
      message: expect.stringContaining("check the port"),
    });
  });

  it("is TLS, at a server that speaks none; the address without it then works", async () => {
    await expect(sendPing(server.url.replace("http:", "https:"))).rejects.toMatchObject({
      ...{ code: "OFFLINE", reason: "tls" },
      message: expect.stringContaining("no_ssl=true"),
    });
    expect(await sendPing(server.url)).toEqual({ status: "ok", pong: "hello" });
    expect(server.requests).toHaveLength(1);
  });

  it("is TLS, with a certificate that nobody vouches for; a transport that trusts it then works", async () => {
    const authority = createAuthority();
    const secure = await startStubServer((_request, response) => response.end(pong), {
      tls: authority.issue("127.0.0.1"),
    });
    await expect(sendPing(secure.url)).rejects.toMatchObject({ code: "OFFLINE", reason: "tls" });
    const trusting = createTransport({ proxy: "none", ca: authority.pem });
    expect(await sendPing(secure.url, trusting)).toMatchObject({ status: "ok" });
    await trusting.close();
    await secure.close();
  });

  it("is plain HTTP, at a server that speaks TLS only", async () => {
    const secure = await startStubServer(() => undefined, { tls: createAuthority().issue("127.0.0.1") });
    await expect(sendPing(secure.url.replace("https:", "http:"))).rejects.toMatchObject({
      ...{ code: "OFFLINE", reason: "broken" },
    });
    await secure.close();
  });

  it.each<[string, string]>([
    ["a connection that ends", ""],
    ["something that is not HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
  ])("is %s", async (_name, greeting) => {
    const other: Server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(greeting));
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await expect(sendPing(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ code: "OFFLINE", reason: "broken" });
    await new Promise((resolve) => other.close(resolve));
  });

  it.each([
    [502, "unavailable"],
    [408, "unavailable"],
    [429, "unavailable"],
    [407, "proxy"],
    [302, "redirected"],
  ])("is an answer with status %d: %s", async (status, reason) => {
    server.answer = (_request, response) => response.writeHead(status).end();
    await expect(sendPing(server.url)).rejects.toMatchObject({ code: "OFFLINE", reason, status });
  });

  it("is a transport that was closed", async () => {
    await transport.close();
    await expect(sendPing(server.url)).rejects.toMatchObject({ code: "OFFLINE", message: /transport was closed/ });
  });

  it.each([
    ["ENETUNREACH", "unreachable"],
    ["EHOSTUNREACH", "unreachable"],
    ["ETIMEDOUT", "unreachable"],
    ["UND_ERR_CONNECT_TIMEOUT", "unreachable"],
    ["EAI_AGAIN", "dns"],
    ["ENOTFOUND", "dns"],
    ["CERT_HAS_EXPIRED", "tls"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "tls"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "tls"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "tls"],
    ["ECONNRESET", "broken"],
    ["EPIPE", "broken"],
    ["HPE_INVALID_CONSTANT", "broken"],
  ])("is told by Node as %s: %s", (code, reason) => {
    const error = Object.assign(new Error("of Node"), { code });
    expect(offlineError(error, { proxied: false })).toMatchObject({ code: "OFFLINE", reason, cause: error });
    const several = new AggregateError([error, new Error("another")]);
    expect(offlineError(several, { proxied: false })).toMatchObject({ reason, cause: several });
  });

  it.each(["UND_ERR_INVALID_ARG", "ERR_INVALID_CHAR"])("is not %s, which is a mistake in the code", (code) => {
    const error = Object.assign(new Error("of undici"), { code });
    expect(offlineError(error, { proxied: false })).toBe(error);
  });
});

describe("a mistake in the code", () => {
  const failing = (error: unknown): Transport => ({
    request: () => Promise.reject(error),
    close: async () => undefined,
  });

  it.each([
    new TypeError("Cannot read properties of undefined (reading 'x')"),
    new RangeError("Invalid array length"),
    new ReferenceError("x is not defined"),
    new URIError("URI malformed"),
    Object.assign(new Error("invalid path"), { code: "UND_ERR_INVALID_ARG" }),
  ])("in a transport is never offline: %s", async (mistake) => {
    await expect(sendPing(server.url, failing(mistake))).rejects.toMatchObject({ code: "BUG", cause: mistake });
  });

  it.each([
    new TypeError("Failed to fetch"),
    new TypeError("fetch failed", { cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }) }),
    new TypeError("NetworkError when attempting to fetch resource."),
    new TypeError("Load failed"),
    new TypeError("terminated"),
    new Error("anything else"),
    "not even an error",
  ])("is not the failure of a transport of the application's: %s", async (failure) => {
    await expect(sendPing(server.url, failing(failure))).rejects.toMatchObject({ code: "OFFLINE", cause: failure });
  });

  it("passes our own errors on", async () => {
    const own = new InvalidArgumentError("x", "y", 1);
    await expect(sendPing(server.url, failing(own))).rejects.toBe(own);
  });

  it.each([
    ["userAgent", { userAgent: "Parsec-Client/1\r\nX: y Linux" }],
    ["userAgent", { userAgent: 5 }],
    ["timeoutMs", { timeoutMs: Number.NaN }],
    ["timeoutMs", { timeoutMs: -1 }],
    ["transport", { transport: {} }],
    ["transport", { transport: undefined }],
    ["address", { address: "parsec3://x" }],
    ["address", { address: undefined }],
    ["deviceId", { deviceId: 5 }],
    ["signingKey", { signingKey: "key" }],
  ])("is found at once: %s", (argument, options) => {
    const connect = () => connectDevice(organizationAt(server.url), transport, options as object);
    expect(connect).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", argument }));
  });

  it.each([
    ["command", [undefined, {}]],
    ["command", [{}, {}]],
    ["fields", [ping, undefined]],
    ["signal", [ping, { ping: "x" }, { signal: {} }]],
  ])("is found before anything is sent: %s", async (argument, args) => {
    const { connection } = connectDevice(organizationAt(server.url), transport);
    const send = connection.send.bind(connection) as (...args: unknown[]) => Promise<unknown>;
    await expect(send(...args)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", argument });
    expect(server.requests).toHaveLength(0);
  });

  it("lets the user agents of all versions pass", () => {
    connectDevice(organizationAt(server.url), transport, { userAgent: userAgent("3.9.4-a.0+dev") });
  });
});
