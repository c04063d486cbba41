import { SettableClock } from "@parsec/base";
import { ready, SecretKey, SigningKey } from "@parsec/crypto";
import {
  apiVersion,
  commands,
  formatApiVersion,
  isTokenTimely,
  parseAccountToken,
  parseBearer,
  parseDeviceToken,
  ping,
  verifyAccountToken,
  verifyDeviceToken,
} from "@parsec/protocol";
import { AccountAuthMethodId, DateTime, DeviceId, encode, parseServerHttpUrl } from "@parsec/types";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { AccountConnection, AuthenticatedConnection, createTransport, type Transport } from "../src/index.ts";
import { listen } from "./support/listen.ts";
import { organizationAt } from "./support/organization-address.ts";
import { type StubServer, startStubServer } from "./support/stub-server.ts";
import { WatchedClock } from "./support/watched-clock.ts";

const accountPing = commands.authenticated_account.ping;

const pong = encode(ping.reply, { status: "ok", pong: "hello" });
const now = DateTime.parseRfc3339("2025-04-20T12:12:00.5Z");

let server: StubServer;
let transport: Transport;
let signingKey: SigningKey;
const deviceId = DeviceId.generate();

beforeAll(() => ready());
beforeEach(async () => {
  signingKey = SigningKey.generate();
  transport = createTransport({ proxy: "none" });
  server = await startStubServer((_request, response) => response.end(pong));
});
afterEach(async () => {
  await transport.close();
  await server.close();
});

function connect(clock = new SettableClock(now)) {
  const address = organizationAt(server.url, "Équipe-1");
  return new AuthenticatedConnection({ address, deviceId, signingKey, transport, clock });
}

describe("send", () => {
  it("posts the command with the headers of its family, and gives the reply", async () => {
    expect(await connect().send(ping, { ping: "hello" })).toEqual({ status: "ok", pong: "hello" });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: "POST", path: "/authenticated/%C3%89quipe-1" });
    expect(request?.body).toEqual(encode(ping.request, { cmd: "ping", ping: "hello" }));
    expect(request?.headers).toMatchObject({
      "api-version": formatApiVersion(apiVersion),
      "content-type": "application/msgpack",
      "user-agent": expect.stringMatching(/^Parsec-Client\/\S+ (Linux|MacOS|Windows)$/),
    });
    const token = parseDeviceToken(parseBearer(request?.headers.authorization ?? "") ?? "") ?? expect.unreachable();
    expect(token).toMatchObject({ id: deviceId, seconds: 1_745_151_120 });
    expect(verifyDeviceToken(token, signingKey.verifyKey)).toBe(true);
  });
});

describe("the bearer token", () => {
  const tokens = () =>
    server.requests.map(({ headers }) => parseBearer(headers.authorization ?? "") ?? expect.unreachable());
  const seconds = () => tokens().map((token) => Number(token.split(".")[2]));
  const start = DateTime.toWholeSeconds(now);

  it("is dated by the clock, at each request: it follows it on, and back", async () => {
    const clock = new SettableClock(now);
    const connection = connect(clock);
    // Half a second, to the last microsecond of a second, a second more, five minutes, an hour, back to before the start.
    const steps = [0, 499_999, 500_000, 1_500_000, 300_000_000, 3_600_000_000, -7_200_000_000];
    for (const step of steps) {
      clock.set(now + step);
      await connection.send(ping, { ping: "hello" });
    }
    expect(seconds()).toEqual(steps.map((step) => Math.floor((now + step) / 1e6)));
    for (const token of tokens()) {
      const parsed = parseDeviceToken(token) ?? expect.unreachable();
      expect(verifyDeviceToken(parsed, signingKey.verifyKey)).toBe(true);
    }
  });

  it("is never dated ahead of the clock, and is good for the server at that very time", async () => {
    const clock = new SettableClock(now);
    const connection = connect(clock);
    for (let k = 0; k < 50; k += 1) {
      clock.set(now + k * 350_123);
      await connection.send(ping, { ping: "hello" });
      const at = DateTime.fromMicros(clock.now());
      const token = parseDeviceToken(tokens().at(-1) ?? "") ?? expect.unreachable();
      expect(token.seconds * 1e6).toBeLessThanOrEqual(at);
      expect(isTokenTimely(token, at)).toBe(true);
    }
  });

  it("is made anew for each stream of events", async () => {
    server.answer = (_request, response) => response.writeHead(503).end();
    const clock = new WatchedClock(now);
    const connection = connect(clock);
    listen(connection);
    for (const delayMs of [1000, 5000]) {
      await vi.waitUntil(() => clock.waits.some((wait) => Math.abs(wait - delayMs) <= delayMs / 4));
      clock.advance(delayMs * 2);
    }
    await vi.waitUntil(() => server.requests.length === 3);
    expect(seconds()).toEqual([start, start + 2, start + 12]);
    await connection.stopEvents();
  });

  it("of an account follows the clock as well", async () => {
    const clock = new SettableClock(now);
    const macKey = SecretKey.generate();
    const connection = new AccountConnection({
      address: parseServerHttpUrl(server.url),
      authMethodId: AccountAuthMethodId.generate(),
      ...{ macKey, transport, clock },
    });
    for (const step of [0, 60_000_000, -60_000_000]) {
      clock.set(now + step);
      await connection.send(accountPing, { ping: "hello" });
    }
    expect(seconds()).toEqual([start, start + 60, start - 60]);
    for (const token of tokens()) {
      expect(verifyAccountToken(parseAccountToken(token) ?? expect.unreachable(), macKey)).toBe(true);
    }
  });
});
