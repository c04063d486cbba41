import { SettableClock, systemClock } from "@parsec/base";
import { ready, SecretKey } from "@parsec/crypto";
import {
  accountPing,
  anonymousPing,
  anonymousServerPing,
  invitedPing,
  inviteInfo,
  inviteNewDevice,
  organizationInfo,
  ping,
  serverConfig,
  tosAccept,
  tosGet,
} from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { AccountAuthMethodId, OrganizationId, parseAddress, parseServerHttpUrl } from "@parsec/types";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  AccountConnection,
  AnonymousConnection,
  AnonymousServerConnection,
  AuthenticatedConnection,
  createTransport,
  InvitedConnection,
  type Transport,
} from "../src/index.ts";
import { startFaultProxy } from "./support/fault-proxy.ts";
import { listen } from "./support/listen.ts";
import { addDevice, bootstrap, type RealDevice, through } from "./support/real-organization.ts";

let server: RunningServer;
let transport: Transport;
let alice: RealDevice;

beforeAll(() => ready());
beforeEach(async () => {
  transport = createTransport({ proxy: "none" });
  server = await startServer({ dev: true });
  alice = await bootstrap(await organization("Acme"), transport, systemClock);
});
afterEach(async () => {
  await transport.close();
  await server.close();
});

/** A new organization on the server, to be bootstrapped. */
async function organization(name: string, changes?: Parameters<RunningServer["createOrganization"]>[1]) {
  return parseAddress("organization_bootstrap", await server.createOrganization(name, changes));
}

describe("each family, at a real server", () => {
  it("authenticated", async () => {
    const connection = new AuthenticatedConnection(alice);
    expect(await connection.send(ping, { ping: "hello" })).toEqual({ status: "ok", pong: "hello" });
    expect(await connection.send(organizationInfo, {})).toMatchObject({ status: "ok", totalBlockBytes: 0 });
  });

  it("invited", async () => {
    const invited = await new AuthenticatedConnection(alice).send(inviteNewDevice, { sendEmail: false });
    if (invited.status !== "ok") expect.unreachable(invited.status);
    const { token } = invited;
    const address = { ...alice.address, kind: "invitation", invitationType: "DEVICE", token } as const;
    const connection = new InvitedConnection({ address, transport });
    expect(await connection.send(invitedPing, { ping: "x" })).toEqual({ status: "ok", pong: "x" });
    expect(await connection.send(inviteInfo, {})).toMatchObject({ status: "ok", type: "DEVICE" });
    const wrong = new InvitedConnection({ address: { ...address, token: await otherToken() }, transport });
    await expect(wrong.send(inviteInfo, {})).rejects.toMatchObject({ code: "BAD_AUTHENTICATION", status: 403 });
  });

  it("anonymous", async () => {
    const connection = new AnonymousConnection({ address: alice.address, transport });
    expect(await connection.send(anonymousPing, { ping: "x" })).toEqual({ status: "ok", pong: "x" });
  });

  it("anonymous_server, with the name of the server", async () => {
    const connection = new AnonymousServerConnection({ address: parseServerHttpUrl(server.url), transport });
    expect(connection.serverVersion).toBeUndefined();
    expect(await connection.send(anonymousServerPing, { ping: "x" })).toEqual({ status: "ok", pong: "x" });
    expect(await connection.send(serverConfig, {})).toMatchObject({ status: "ok" });
    expect(connection.serverVersion).toMatch(/^parsec\/3/);
  });

  it("authenticated_account, whose unknown method is refused", async () => {
    const connection = new AccountConnection({
      address: parseServerHttpUrl(server.url),
      authMethodId: AccountAuthMethodId.generate(),
      macKey: SecretKey.generate(),
      transport,
    });
    await expect(connection.send(accountPing, { ping: "x" })).rejects.toMatchObject({
      code: "BAD_AUTHENTICATION",
    });
  });
});

async function otherToken() {
  const invited = await new AuthenticatedConnection(await addDevice(alice)).send(inviteNewDevice, { sendEmail: false });
  if (invited.status !== "ok") return expect.unreachable(invited.status);
  // One digit off a token that exists.
  return invited.token.replace(/.$/, (digit) => (digit === "0" ? "1" : "0")) as typeof invited.token;
}

describe("refusals of a real server", () => {
  it("name what is wrong", async () => {
    const unknown = { ...alice.address, organizationId: OrganizationId.parse("Nobody") };
    const send = (changes: Partial<RealDevice> & { userAgent?: string }) =>
      new AuthenticatedConnection({ ...alice, ...changes }).send(ping, { ping: "" });
    const late = new SettableClock(systemClock.now() - 321_000_000);
    await expect(send({ address: unknown })).rejects.toMatchObject({ code: "ORGANIZATION_NOT_FOUND" });
    await expect(send({ signingKey: (await addDevice(alice)).signingKey })).rejects.toMatchObject({
      code: "BAD_AUTHENTICATION",
    });
    await expect(send({ clock: late })).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
  });

  it("include web clients, where the organization lets only native ones in", async () => {
    const address = await organization("Native", { allowedClientAgent: "NATIVE_ONLY" });
    const native = await bootstrap(address, transport, systemClock);
    const web = new AuthenticatedConnection({ ...native, userAgent: "Mozilla/5.0 (X11; Linux)" });
    await expect(web.send(ping, { ping: "" })).rejects.toMatchObject({ code: "WEB_CLIENT_NOT_ALLOWED", status: 464 });
    const { states } = listen(web);
    expect(await states.take()).toMatchObject({ status: "refused", reason: "WEB_CLIENT_NOT_ALLOWED" });
    await web.stopEvents();
    expect(await new AuthenticatedConnection(native).send(ping, { ping: "" })).toMatchObject({ status: "ok" });
  });

  it("end when the terms of service are accepted", async () => {
    const tos = new Map([["en_US", "https://example.com/tos"]]);
    const device = await bootstrap(await organization("Terms", { tos }), transport, systemClock);
    // The clock stands still: only the acceptance can end the wait for the next attempt.
    const connection = new AuthenticatedConnection({ ...device, clock: new SettableClock(systemClock.now()) });
    const { states } = listen(connection);
    expect(await states.take()).toMatchObject({ status: "refused", reason: "USER_MUST_ACCEPT_TOS" });
    const terms = await connection.send(tosGet, {});
    if (terms.status !== "ok") expect.unreachable(terms.status);
    expect(await connection.send(tosAccept, { tosUpdatedOn: terms.updatedOn })).toEqual({ status: "ok" });
    expect(await states.take()).toEqual({ status: "online" });
    await connection.stopEvents();
  });
});

describe("events of a real server", () => {
  it("come to another device, until the server is gone, and again when it is back", async () => {
    const [phone, laptop] = [new AuthenticatedConnection(await addDevice(alice)), new AuthenticatedConnection(alice)];
    const { told, states } = listen(phone);
    expect(await states.take()).toEqual({ status: "online" });
    await laptop.send(ping, { ping: "one" });
    await vi.waitUntil(() => told.all.includes("one"));
    expect(told.all).toEqual(["missed", "ORGANIZATION_CONFIG", "missed", "one"]);
    await server.close();
    expect(await states.take()).toMatchObject({ status: "offline" });
    // In memory, hence without the organization: the device is told so.
    server = await startServer({ dev: true, port: server.port });
    phone.retryNow();
    expect(await states.take()).toMatchObject({ status: "refused", reason: "ORGANIZATION_NOT_FOUND" });
    await phone.stopEvents();
  });

  it("come all, and once, through a network that breaks each connection", async () => {
    const proxy = await startFaultProxy(server.port);
    const cuts = [1000, 420, 900, 700, 1100, 650, 1300, 960, 1500, 800];
    proxy.faults = [...cuts.map((cutAfter) => ({ cutAfter })), {}];
    const address = through(alice.address, proxy.url);
    const phone = new AuthenticatedConnection({ ...(await addDevice(alice)), address });
    const laptop = new AuthenticatedConnection(alice);
    const { told, states } = listen(phone);
    expect(await states.take()).toEqual({ status: "online" });
    const texts = Array.from({ length: 30 }, (_, i) => `event ${i}`);
    for (const text of texts) await laptop.send(ping, { ping: text });
    await vi.waitUntil(() => {
      phone.retryNow();
      return told.all.includes("event 29");
    }, 20_000);
    expect(told.all.filter((text) => text.startsWith("event"))).toEqual(texts);
    await phone.stopEvents();
    await proxy.close();
  });
});
