import { systemClock } from "@parsec/base";
import { ready } from "@parsec/crypto";
import { blockCreate, ping } from "@parsec/protocol";
import { BlockId, OrganizationId, parseServerHttpUrl, VlobId } from "@parsec/types";
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { AuthenticatedConnection, createTransport, type Transport, userAgent } from "../src/index.ts";
import { connectDevice } from "./support/device.ts";
import { listen } from "./support/listen.ts";
import { organizationAt } from "./support/organization-address.ts";
import { addDevice, bootstrap } from "./support/real-organization.ts";

// In a page. The servers are started beforehand, in Node.
const faultUrl = inject("faultServerUrl");

let transport: Transport;
let count = 0;

beforeAll(() => ready());
beforeEach(() => {
  transport = createTransport();
});
afterEach(() => transport.close());

/** A device at the fault server; `fault` is an organization id such as `CutBody-3`. */
function at(fault: string, options: Parameters<typeof connectDevice>[2] = {}) {
  count += 1;
  const id = `${fault}${fault.includes("-") ? "" : "-"}-${Date.now() % 100_000}${count}`;
  return { ...connectDevice(organizationAt(faultUrl, id), transport, options), id };
}

const sendPing = (fault: string, options: { signal?: AbortSignal } = {}) =>
  at(fault).connection.send(ping, { ping: "hello" }, options);

describe("a page, at a real server", () => {
  it("sends commands and receives events", async () => {
    const name = OrganizationId.parse(`Page${Date.now()}`);
    const server = parseServerHttpUrl(inject("serverUrl"));
    const address = { ...server, kind: "organization_bootstrap", organizationId: name, token: null } as const;
    const alice = await bootstrap(address, transport, systemClock);
    const [laptop, phone] = [new AuthenticatedConnection(alice), new AuthenticatedConnection(await addDevice(alice))];
    const { told, states } = listen(phone);
    expect(await states.take()).toEqual({ status: "online" });
    expect(await laptop.send(ping, { ping: "hello" })).toEqual({ status: "ok", pong: "hello" });
    await vi.waitUntil(() => told.all.includes("hello"));
    await phone.stopEvents();
    expect(phone.state).toEqual({ status: "offline" });
    const block = new Uint8Array(512 * 1024);
    const fields = { blockId: BlockId.generate(), realmId: VlobId.generate(), keyIndex: 1, block };
    expect(await laptop.send(blockCreate, fields)).toEqual({ status: "realm_not_found" });
  });

  it("says that it is one", () => {
    expect(userAgent()).toMatch(/^Parsec-Client\/[^ ]+ Web$/);
  });
});

describe("a page of another origin", () => {
  it("asks for permission once in a session, not before each request", async () => {
    const { connection, id } = at("None");
    for (let k = 0; k < 20; k += 1) await connection.send(ping, { ping: "hello" });
    await Promise.all(Array.from({ length: 20 }, () => connection.send(ping, { ping: "hello" })));
    const counted = await fetch(`${faultUrl}/preflights/authenticated/${id}`);
    expect(await counted.text()).toBe("1");
  });
});

describe("a page, on a bad network", () => {
  it.each([
    ["None", undefined],
    ["Drip", undefined],
    ["Html", "BAD_REPLY"],
    ["Gzip", "BAD_REPLY"],
    ["Length", "OFFLINE"],
    ["Redirect-302", "OFFLINE"],
    ["Redirect-308", "OFFLINE"],
    ["Status-401", "MISSING_AUTHENTICATION"],
    ["Status-404", "ORGANIZATION_NOT_FOUND"],
    ["Status-415", "BAD_CONTENT"],
    ["Status-422", "INCOMPATIBLE_SERVER"],
    ["Status-460", "ORGANIZATION_EXPIRED"],
    ["Status-461", "USER_REVOKED"],
    ["Status-464", "WEB_CLIENT_NOT_ALLOWED"],
    ["Status-498", "TOKEN_EXPIRED"],
    ["Status-502", "OFFLINE"],
  ])("meets %s: %s", async (fault, code) => {
    const sent = sendPing(fault);
    if (code === undefined) expect(await sent).toEqual({ status: "ok", pong: "hello" });
    else await expect(sent).rejects.toMatchObject({ code });
  });

  it("cannot see the versions of an incompatible server", async () => {
    await expect(sendPing("Status-422")).rejects.toMatchObject({ supportedVersions: undefined });
  });

  it("loses a reply that is cut at any byte", async () => {
    for (let k = 0; k < 22; k += 1) {
      await expect(sendPing(`CutBody-${k}`)).rejects.toMatchObject({ code: "OFFLINE" });
    }
    // Chromium takes half a head for a whole one when it holds a status: the reply is then unreadable.
    for (let k = 0; k < 100; k += 1) {
      const code = expect.stringMatching(/^(OFFLINE|BAD_REPLY)$/);
      await expect(sendPing(`CutHead-${k}`)).rejects.toMatchObject({ code });
    }
  });

  it("finds no server", async () => {
    const { connection } = connectDevice(organizationAt("http://127.0.0.1:9", "Nobody"), transport);
    await expect(connection.send(ping, { ping: "" })).rejects.toMatchObject({
      ...{ code: "OFFLINE", reason: "unknown" },
      cause: expect.any(Error),
    });
  });

  it("finds a server that does not let it ask, and says so", async () => {
    await expect(sendPing("Forbidden")).rejects.toMatchObject({
      ...{ code: "OFFLINE", reason: "cors" },
      message: expect.stringContaining("ask the administrator of the server to allow the origin of this page"),
    });
  });

  it.each(["Silent", "Stall"])("gives up when nothing comes any more: %s", async (fault) => {
    const { connection, clock } = at(fault, { timeoutMs: 30_000 });
    const outcome = connection.send(ping, { ping: "hello" }).catch((error: unknown) => error);
    await vi.waitUntil(() => {
      if (clock.pendingTimers > 0) clock.advance(30_000);
      return clock.pendingTimers === 0;
    });
    expect(await outcome).toMatchObject({ code: "OFFLINE", message: expect.stringContaining("silent") });
  });

  it.each(["Silent", "Stall"])("can be aborted: %s", async (fault) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const sent = sendPing(fault, { signal: controller.signal });
    controller.abort(reason);
    await expect(sent).rejects.toBe(reason);
  });

  it("loses no event and takes none twice, wherever the stream is cut", async () => {
    for (let k = 60; k < 700; k += 8) {
      const { connection, clock } = at(`Stream-${k}`);
      const { told } = listen(connection);
      const received = () => told.all.filter((text) => ["one", "two", "three"].includes(text));
      await vi.waitUntil(
        () => {
          if (clock.waits.includes(1000)) clock.advance(1000);
          return received().length >= 3;
        },
        { interval: 1, timeout: 10_000 },
      );
      await connection.stopEvents();
      expect(received()).toEqual(["one", "two", "three"]);
    }
  });
});
