import { ready } from "@parsec/crypto";
import { ping } from "@parsec/protocol";
import { encode } from "@parsec/types";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createAuthority } from "../../../test/support/certificates.ts";
import { createTransport, type TransportOptions } from "../src/index.ts";
import { proxyAuthorization, proxyFor, resolveProxies } from "../src/node/proxy.ts";
import { connectDevice } from "./support/device.ts";
import { configFrame, startStream } from "./support/events.ts";
import { type HttpProxy, startHttpProxy } from "./support/http-proxy.ts";
import { listen } from "./support/listen.ts";
import { organizationAt } from "./support/organization-address.ts";
import { type StubServer, startStubServer } from "./support/stub-server.ts";

const pong = encode(ping.reply, { status: "ok", pong: "hello" });
const authority = createAuthority();
const credentials = "us%40er:p%3Ass%20w%2Fo";

let plain: StubServer;
let secure: StubServer;
let proxy: HttpProxy;

beforeAll(() => ready());
beforeEach(async () => {
  plain = await startStubServer((_request, response) => response.end(pong));
  secure = await startStubServer((_request, response) => response.end(pong), { tls: authority.issue("127.0.0.1") });
  proxy = await startHttpProxy("us@er", "p:ss w/o");
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toLowerCase(), undefined);
  }
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([plain.close(), secure.close(), proxy.close()]);
});

async function sendPing(server: StubServer, options: TransportOptions = {}): Promise<unknown> {
  const transport = createTransport({ ca: authority.pem, ...options });
  try {
    return await connectDevice(organizationAt(server.url), transport).connection.send(ping, { ping: "hello" });
  } finally {
    await transport.close();
  }
}

describe("a proxy with a password", () => {
  it("forwards to plain servers and tunnels to secure ones", async () => {
    const url = `http://${credentials}@${proxy.host}`;
    const config = { http: url, https: url };
    expect(await sendPing(plain, { proxy: config })).toEqual({ status: "ok", pong: "hello" });
    expect(await sendPing(secure, { proxy: config })).toEqual({ status: "ok", pong: "hello" });
    expect(proxy.passed).toEqual([`POST ${plain.url}/authenticated/TestOrg`, `CONNECT 127.0.0.1:${secure.port}`]);
    expect(proxy.refusals).toBe(0);
    expect(secure.requests[0]?.headers["proxy-authorization"]).toBeUndefined();
    expect(plain.requests[0]?.headers["proxy-authorization"]).toBeUndefined();
  });

  it("is found in the environment", async () => {
    vi.stubEnv("HTTP_PROXY", `http://${credentials}@${proxy.host}`);
    vi.stubEnv("HTTPS_PROXY", `http://${credentials}@${proxy.host}`);
    await sendPing(plain);
    await sendPing(secure);
    expect(proxy.passed).toHaveLength(2);
    vi.stubEnv("NO_PROXY", "example.com,127.0.0.1");
    await sendPing(plain);
    await sendPing(secure, { proxy: "environment" });
    expect(proxy.passed).toHaveLength(2);
    vi.stubEnv("NO_PROXY", "");
    await sendPing(plain, { proxy: "none" });
    expect(proxy.passed).toHaveLength(2);
  });

  it("carries the stream of events", async () => {
    secure.answer = (_request, response) => startStream(response).write(configFrame());
    const transport = createTransport({
      ca: authority.pem,
      proxy: { https: `http://${credentials}@${proxy.host}` },
    });
    const { connection } = connectDevice(organizationAt(secure.url), transport);
    const { states } = listen(connection);
    expect(await states.take()).toEqual({ status: "online" });
    await connection.stopEvents();
    await transport.close();
    expect(proxy.passed).toHaveLength(1);
  });

  it.each(["", "us%40er:wrong@"])("gives offline without the right one (%s)", async (user) => {
    const url = `http://${user}${proxy.host}`;
    for (const server of [plain, secure]) {
      await expect(sendPing(server, { proxy: { http: url, https: url } })).rejects.toMatchObject({
        ...{ code: "OFFLINE", reason: "proxy" },
        message: expect.stringContaining("user and password"),
      });
      expect(server.requests).toHaveLength(0);
    }
    expect(proxy.refusals).toBe(2);
  });

  it.each([
    ["http://user:100%@p", "user:100%"],
    ["http://user:%@p", "user:%"],
    ["http://user:%zz%4@p", "user:%zz%4"],
    ["http://us%40er:p%3ass%25@p", "us@er:p:ss%"],
    ["http://user:%E9@p", Buffer.from("user:\xe9", "latin1")],
    ["http://user:%C3%A9é@p", "user:éé"],
    ["http://user@p", "user:"],
    ["http://:token@p", ":token"],
  ])("has its bytes, a percent sign that escapes nothing included: %s", (url, pair) => {
    expect(proxyAuthorization(new URL(url))).toBe(`Basic ${Buffer.from(pair).toString("base64")}`);
  });

  it("has none without a user", () => {
    expect(proxyAuthorization(new URL("http://p"))).toBeUndefined();
  });

  it("is reached with a percent sign in the password", async () => {
    const other = await startHttpProxy("user", "100%");
    const url = `http://user:100%@${other.host}`;
    expect(await sendPing(plain, { proxy: { http: url, https: url } })).toMatchObject({ status: "ok" });
    expect(await sendPing(secure, { proxy: { http: url, https: url } })).toMatchObject({ status: "ok" });
    expect(other.refusals).toBe(0);
    await other.close();
  });

  it("gives offline when it is down", async () => {
    await proxy.close();
    for (const server of [plain, secure]) {
      const url = `http://${proxy.host}`;
      const sent = sendPing(server, { proxy: { http: url, https: url } });
      await expect(sent).rejects.toMatchObject({ code: "OFFLINE", reason: "proxy" });
    }
  });
});

describe("the choice of a proxy", () => {
  const choose = (environment: Readonly<Record<string, string>>, server: string) =>
    proxyFor(resolveProxies("environment", environment), new URL(server))?.href;

  it.each([
    [{ HTTP_PROXY: "http://p:1" }, "http://s/", "http://p:1/"],
    [{ HTTP_PROXY: "http://p:1" }, "https://s/", undefined],
    [{ HTTPS_PROXY: "https://p:1" }, "https://s/", "https://p:1/"],
    [{ HTTPS_PROXY: "https://p:1" }, "http://s/", undefined],
    [{ http_proxy: "http://low:1", HTTP_PROXY: "http://up:1" }, "http://s/", "http://low:1/"],
    [{ HTTP_PROXY: "http://p:1", REQUEST_METHOD: "GET" }, "http://s/", undefined],
    [{ http_proxy: "http://p:1", REQUEST_METHOD: "GET" }, "http://s/", "http://p:1/"],
    [{ ALL_PROXY: "http://p:1" }, "https://s/", "http://p:1/"],
    [{ ALL_PROXY: "http://p:1" }, "http://s/", "http://p:1/"],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "*" }, "http://s/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "a.org b.org" }, "http://b.org/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: ".a.org" }, "http://x.a.org/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "*.a.org" }, "http://x.A.org/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "a.org" }, "http://ba.org/", "http://p:1/"],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "a.org:8080" }, "http://a.org/", "http://p:1/"],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "a.org:8080" }, "http://a.org:8080/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "a.org:443" }, "https://a.org/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "x.org:80, a.org:443" }, "http://a.org/", "http://p:1/"],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: ".a.org" }, "http://a.org/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "A.ORG." }, "http://a.org/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "a.org" }, "http://a.org./", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "bücher.example" }, "http://www.xn--bcher-kva.example/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "::1" }, "http://[::1]:6777/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "[::1]" }, "http://[::1]:6777/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "0:0:0:0:0:0:0:1" }, "http://[::1]/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "[::1]:6777" }, "http://[::1]:6777/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "[::1]:6777" }, "http://[::1]:6778/", "http://p:1/"],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "::1" }, "http://[::2]/", "http://p:1/"],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "fe80::1" }, "http://1/", "http://p:1/"],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "127.0.0.1" }, "http://127.1/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "1" }, "http://10.0.0.1/", "http://p:1/"],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "10.0.0.0/8" }, "http://10.1.2.3/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "10.0.0.0/8" }, "http://11.1.2.3/", "http://p:1/"],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "10.0.0.0/8" }, "http://a.org/", "http://p:1/"],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "fd00::/8" }, "http://[fd12::1]/", undefined],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "[fd00::]/8" }, "http://[fe12::1]/", "http://p:1/"],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "10.0.0.0/99,a/8,/8,[,:80,.,http://a.org" }, "http://a.org/", "http://p:1/"],
    [{ ALL_PROXY: "http://p:1", NO_PROXY: "a.org\tb.org\n*" }, "http://c.org/", undefined],
    [{}, "http://s/", undefined],
  ])("for %j and %s is %s", (environment, server, expected) => {
    expect(choose(environment, server)).toBe(expected);
  });

  it.each<[string, object]>([
    ["proxy", { proxy: 5 }],
    ["proxy", { proxy: "http://p:1" }],
    ["proxy", { proxy: null }],
    ["proxy.http", { proxy: { http: 8080 } }],
    ["proxy.noProxy", { proxy: { noProxy: ["a.org"] } }],
    ["ca", { ca: Buffer.from("x") }],
    ["maxConnections", { maxConnections: 0 }],
    ["maxConnections", { maxConnections: Number.NaN }],
    ["keepAliveMs", { keepAliveMs: -1 }],
  ])("and of the rest of the options is checked: %s in %j", (argument, options) => {
    expect(() => createTransport(options)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", argument }));
  });

  it.each(["not a url", "socks5://p:1", "p:8080"])("is refused when it is %s, and no password shows", (text) => {
    for (const config of [{ http: `${text}` }, { https: `${text}` }]) {
      expect(() => createTransport({ proxy: config })).toThrow(expect.objectContaining({ code: "INVALID_PROXY" }));
    }
    vi.stubEnv("HTTPS_PROXY", `ftp://user:secret@p`);
    expect(() => createTransport()).toThrow(/^Invalid HTTPS proxy configuration: [^@]*$/);
  });
});
