import { SettableClock } from "@parsec/base";
import { ready, SigningKey } from "@parsec/crypto";
import { apiVersion, formatApiVersion, parseBearer, parseDeviceToken, ping, verifyDeviceToken } from "@parsec/protocol";
import { DateTime, DeviceId, encode } from "@parsec/types";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AuthenticatedConnection, createTransport, type Transport } from "../src/index.ts";
import { organizationAt } from "./support/organization-address.ts";
import { type StubServer, startStubServer } from "./support/stub-server.ts";

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
