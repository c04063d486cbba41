import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DateTime, DeviceId, OrganizationId, SequesterServiceId, VlobId } from "@parsec/types";
import { afterEach, expect, test } from "vitest";
import { comes } from "../../../../test/support/patience.ts";
import { HttpWebhooks } from "../../src/webhooks/http-webhooks.ts";
import { parseWebhookUrl } from "../../src/webhooks/url.ts";

const webhooks = new HttpWebhooks();
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

async function listen(handle: RequestListener): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer(handle);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?kept=1` };
}

function ask(webhookUrl: string) {
  return webhooks.askSequesterService({
    type: "vlob_create_or_update",
    webhookUrl,
    serviceId: SequesterServiceId.generate(),
    organizationId: OrganizationId.parse("Acme"),
    author: DeviceId.generate(),
    realmId: VlobId.generate(),
    timestamp: DateTime.fromMicros(0),
    keyIndex: 1,
    vlobId: VlobId.generate(),
    version: 1,
    blob: new Uint8Array(3),
  });
}

const notice = {
  organizationId: OrganizationId.parse("Acme"),
  deviceId: DeviceId.generate(),
  deviceLabel: "laptop",
  humanEmail: "a@example.com",
  humanLabel: "A",
};

/** A reply whose body never ends: how many bytes of it were taken, and when its connection was closed. */
function endless(status: number) {
  const state = { sent: 0 };
  let closed: () => void = () => undefined;
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const handle: RequestListener = (request, response) => {
    request.resume();
    response.on("close", closed);
    response.writeHead(status);
    const chunk = "x".repeat(16_384);
    const more = () => {
      while (!response.destroyed && response.write(chunk)) state.sent += chunk.length;
    };
    response.on("drain", more);
    more();
  };
  return { handle, state, isClosed };
}

test.each([
  [200, { verdict: "accepted" }],
  [503, { verdict: "unavailable" }],
  [400, { verdict: "rejected", reason: null }],
] as const)("a reply %i without end is not read to the end, and its connection is closed", async (status, verdict) => {
  const hook = endless(status);
  const { url } = await listen(hook.handle);
  expect(await ask(url)).toEqual(verdict);
  await comes("the connection to be closed", hook.isClosed);
  // What is under way in the buffers of both ends, and no more.
  expect(hook.state.sent).toBeLessThan(16 * 1024 * 1024);
});

test("the bootstrap notice does not wait for a body either", async () => {
  const hook = endless(200);
  const { url } = await listen(hook.handle);
  await webhooks.noticeBootstrap(url, notice);
  await comes("the connection to be closed", hook.isClosed);
});

test("a refusal that breaks off, and one that is long, are refusals without reason", async () => {
  const { url } = await listen((request, response) => {
    request.resume();
    response.writeHead(400, { "Content-Length": 100 }).write('{"reason":"vi', () => response.destroy());
  });
  expect(await ask(url)).toEqual({ verdict: "rejected", reason: null });
  const reasonOf = async (length: number) => {
    const long = await listen((request, response) => {
      request.resume();
      response.writeHead(400).end(JSON.stringify({ reason: "x".repeat(length) }));
    });
    const verdict = await ask(long.url);
    return verdict.verdict === "rejected" ? verdict.reason?.length : verdict.verdict;
  };
  const around = JSON.stringify({ reason: "" }).length;
  expect(await reasonOf(64 * 1024 - around)).toBe(64 * 1024 - around);
  expect(await reasonOf(64 * 1024 - around + 1)).toBeUndefined();
});

test("bodies that nobody reads do not keep their connections", async () => {
  let connections = 0;
  const { server, url } = await listen((request, response) => {
    request.resume().on("end", () => response.writeHead(200).end("x".repeat(60_000)));
  });
  server.on("connection", () => {
    connections += 1;
  });
  for (let round = 0; round < 20; round += 1) expect(await ask(url)).toEqual({ verdict: "accepted" });
  expect(connections).toBeLessThan(10);
});

test("a stored address that could never be called is unavailable, not a crash", async () => {
  for (const url of ["", "hook", "ftp://example.com/", "http://user:pass@127.0.0.1/"]) {
    expect(await ask(url), url).toEqual({ verdict: "unavailable" });
  }
});

test("which addresses are good", () => {
  for (const good of ["http://127.0.0.1:80/a?b=c", "https://hook.example", "https://[::1]:8443/x"]) {
    expect(parseWebhookUrl(good)?.host, good).toBeDefined();
  }
  const long = (length: number) => `https://hook.example/${"a".repeat(length - 21)}`;
  expect([parseWebhookUrl(long(2048)), parseWebhookUrl(long(2049))].map((url) => url !== undefined)).toEqual([
    true,
    false,
  ]);
  for (const bad of [
    "",
    "hook.example",
    "//hook.example",
    "http://",
    "file:///etc/passwd",
    "ftp://hook.example",
    "javascript:alert(1)",
    "https://user@hook.example",
    "https://:secret@hook.example",
    "http://hook.example:99999",
  ]) {
    expect(parseWebhookUrl(bad), bad).toBeUndefined();
  }
});
