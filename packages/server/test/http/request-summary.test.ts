import { once } from "node:events";
import { connect } from "node:net";
import { ping } from "@parsec/protocol";
import { afterEach, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import type { RequestSummary, RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";

let server: RunningServer;
afterEach(async () => await server.close());

/** Starts a server, and gives what it tells of the requests that have ended; `told(n)` waits for n of them. */
async function observed(options: Parameters<typeof startTestServer>[0] = { dev: true }) {
  const summaries: RequestSummary[] = [];
  let onTold: () => void = () => undefined;
  server = await startTestServer({
    ...options,
    onRequest: (summary) => {
      summaries.push(summary);
      onTold();
    },
  });
  const told = async (count: number) => {
    while (summaries.length < count) {
      await new Promise<void>((resolve) => {
        onTold = resolve;
      });
    }
    return summaries;
  };
  return { summaries, told };
}

test("each request is told once, with its command and its reply", async () => {
  const { told } = await observed();
  const target = await Target.connect(server.url, server.administrationToken);
  const before = (await told(0)).length;
  const org = await target.organization();
  await org.send(org.alice, ping, { ping: "hello" });
  const summaries = (await told(before + 3)).slice(before);
  expect(summaries.map(({ family, command, status, reply }) => [family, command, status, reply])).toEqual([
    ["administration", "/administration/organizations", 200, null],
    ["anonymous", "organization_bootstrap", 200, "ok"],
    ["authenticated", "ping", 200, "ok"],
  ]);
  for (const { duration, method, cut } of summaries) {
    expect(duration).toBeGreaterThan(0);
    expect([method, cut]).toEqual(["POST", false]);
  }
});

test("what fails before a command is known has none", async () => {
  const { told } = await observed();
  await fetch(`${server.url}/authenticated/Org`, { method: "POST" });
  await fetch(`${server.url}/nowhere`);
  await fetch(`${server.url}/docs`);
  await fetch(`${server.url}/ready`);
  const summaries = (await told(4)).map(({ method, family, command, status }) => [method, family, command, status]);
  expect(summaries).toEqual([
    ["POST", "authenticated", null, 422],
    ["GET", "web", null, 404],
    ["GET", "web", "/docs", 200],
    ["GET", "health", "/ready", 200],
  ]);
});

test("a client that leaves before the answer", async () => {
  const { told } = await observed();
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  const head =
    "POST /administration/organizations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer s3cr3t\r\nContent-Length: 9\r\n";
  await new Promise<void>((resolve) => socket.write(`${head}\r\n{`, () => resolve()));
  // The request has begun once another one, sent later, has ended.
  await fetch(`${server.url}/health`);
  socket.destroy();
  const cut = (await told(2)).find((summary) => summary.cut);
  expect(cut).toMatchObject({ family: "administration", cut: true });
});

test("nothing that a client sends is told, wherever it is", async () => {
  const { told } = await observed({ administrationToken: "marker-token" });
  const headers = {
    Authorization: "Bearer marker-token",
    "User-Agent": "marker-agent",
    "X-Forwarded-For": "203.0.113.77",
    "Content-Type": "application/msgpack",
    "Api-Version": "5.6",
  };
  const places: readonly (readonly [string, string, string?])[] = [
    ["POST", "/administration/organizations", '{"organization_id":"marker-org"}'],
    ["POST", "/administration/organizations/marker-org/users/freeze", '{"frozen":true,"user_email":"marker@x.org"}'],
    ["GET", "/administration/organizations/marker-org?marker=marker"],
    ["POST", "/authenticated/marker-org", "marker"],
    ["POST", "/anonymous/marker-org", "marker"],
    ["GET", "/redirect/marker-org?a=marker"],
    ["GET", "/client/marker"],
    ["GET", "/static/marker"],
    ["GET", "/marker?marker=marker"],
    ["DELETE", "/marker"],
  ];
  for (const [method, path, body] of places) {
    await fetch(server.url + path, { method, headers, redirect: "manual", ...(body === undefined ? {} : { body }) });
  }
  const text = JSON.stringify(await told(places.length));
  expect(text).not.toMatch(/marker|203\.0\.113|127\.0\.0\.1/);
});
