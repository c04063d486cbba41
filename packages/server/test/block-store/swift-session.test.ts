import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SwiftConfig } from "../../src/block-store/config.ts";
import { contentOf, readBlock } from "../../src/block-store/content.ts";
import { SwiftBlockStore } from "../../src/block-store/swift/swift-store.ts";
import { newKey } from "../support/block-store-contract.ts";

// What a real Swift does not do when asked: an identity service of version 3, tokens that run out, answers that break off.

let url: string;
let requests: { readonly method: string; readonly path: string; readonly token: string; readonly body: string }[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer(async (request, response) => {
  const body = (await buffer(request)).toString();
  const { method = "", url: path = "", headers } = request;
  requests.push({ method, path, token: String(headers["x-auth-token"] ?? ""), body });
  answer(request, response);
});

beforeEach(async () => {
  requests = [];
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("No address");
  url = `http://127.0.0.1:${address.port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const config = (authUrl: string): SwiftConfig => ({
  kind: "swift",
  authUrl,
  tenant: "project",
  container: "box",
  user: "alice",
  password: "s3cr3t",
});

describe("the identity service, version 3", () => {
  const endpoint = (interfaceName: string, path: string) => ({ interface: interfaceName, url: `${url}${path}` });
  const catalog = () => [
    { type: "identity", endpoints: [endpoint("public", "/identity")] },
    { type: "object-store", endpoints: [endpoint("internal", "/internal"), endpoint("public", "/v1/AUTH_1")] },
  ];

  test("is asked with user, password and project, and tells token and address", async () => {
    answer = ({ url: path = "" }, response) => {
      if (path !== "/v3/auth/tokens") response.writeHead(204).end();
      else response.writeHead(201, { "X-Subject-Token": "T" }).end(JSON.stringify({ token: { catalog: catalog() } }));
    };
    await SwiftBlockStore.open(config(`${url}/v3`));
    const [login, probe] = requests;
    expect(login).toMatchObject({ method: "POST", path: "/v3/auth/tokens" });
    const domain = { id: "default" };
    expect(JSON.parse(login?.body ?? "")).toEqual({
      auth: {
        identity: { methods: ["password"], password: { user: { name: "alice", domain, password: "s3cr3t" } } },
        scope: { project: { name: "project", domain } },
      },
    });
    expect(probe).toMatchObject({ method: "HEAD", path: "/v1/AUTH_1/box", token: "T" });
  });

  test.each([
    ["nothing", ""],
    ["no JSON", "<html>"],
    ["null", "null"],
    ["no catalog", "{}"],
    ["a catalog of something else", JSON.stringify({ token: { catalog: [null, 1, { type: "object-store" }] } })],
    [
      "an address that is none",
      JSON.stringify({
        token: { catalog: [{ type: "object-store", endpoints: [{ interface: "public", url: "x" }] }] },
      }),
    ],
  ])("that answers with %s is refused with what to do", async (_what, body) => {
    answer = (_request, response) => response.writeHead(201, { "X-Subject-Token": "T" }).end(body);
    const opening = SwiftBlockStore.open(config(`${url}/v3`));
    await expect(opening).rejects.toMatchObject({
      code: "BLOCK_STORE_FAILED",
      message: expect.not.stringContaining("s3cr3t"),
    });
  });
});

describe("an account", () => {
  let valid: string;
  let logins: number;
  /** Requests with an old token, to be refused once somebody has logged in again. */
  let held: ServerResponse[];
  const login = (response: ServerResponse) => {
    logins += 1;
    valid = `T${logins}`;
    response.writeHead(200, { "X-Storage-Url": `${url}/v1/A`, "X-Auth-Token": valid }).end();
    for (const late of held.splice(0)) late.writeHead(401).end();
  };
  const open = async (then: typeof answer) => {
    logins = 0;
    held = [];
    let refused = 0;
    answer = (request, response) => {
      if (request.url === "/auth/v1.0") login(response);
      else if (request.headers["x-auth-token"] !== valid) {
        // The first at once, the others late: by then there is a new token, which is not to be thrown away.
        refused += 1;
        if (refused === 1) response.writeHead(401).end();
        else held.push(response);
      } else then(request, response);
    };
    return await SwiftBlockStore.open(config(`${url}/auth/v1.0`));
  };

  test("whose token has run out gets another, once for all who ask", async () => {
    const store = await open((_request, response) => response.writeHead(204).end());
    expect(logins).toBe(1);
    valid = "another";
    await Promise.all(Array.from({ length: 8 }, () => store.put(newKey(), Uint8Array.of(1))));
    expect(logins).toBe(2);
  });

  test("that breaks off an answer, or fails for a moment, is asked again", async () => {
    const block = new Uint8Array(1000).fill(7);
    let times = 0;
    const store = await open(({ method }, response) => {
      if (method !== "GET") {
        response.writeHead(204).end();
        return;
      }
      times += 1;
      if (times === 1) response.writeHead(503).end("busy");
      else if (times === 2) {
        response.writeHead(200, { "Content-Length": "1000" });
        response.write(block.subarray(0, 500), () => response.destroy());
      } else response.writeHead(200).end(block);
    });
    expect(await readBlock(store, newKey(), contentOf(block))).toEqual(block);
    expect(times).toBe(3);
  });

  test("that goes on failing is given up after three tries; what it says too much is not read again", async () => {
    const store = await open(({ method }, response) => {
      if (method === "GET") response.writeHead(200).end(new Uint8Array(2000));
      else response.writeHead(method === "HEAD" ? 204 : 507).end();
    });
    requests.length = 0;
    await expect(store.put(newKey(), Uint8Array.of(1))).rejects.toMatchObject({
      code: "BLOCK_STORE_FAILED",
      message: "The container of the block store did not do it (HTTP 507): look whether it can be reached",
    });
    expect(requests.length).toBe(3);
    const reading = readBlock(store, newKey(), { size: 1000, digest: null });
    await expect(reading).rejects.toMatchObject({ code: "BLOCK_DAMAGED" });
    expect(requests.length).toBe(4);
  });

  test("that never answers is left as soon as the caller wants to", async () => {
    const store = await open((_request, response) => response.writeHead(204).end());
    const asked = new Promise<void>((resolve) => {
      answer = () => resolve();
    });
    const stop = new AbortController();
    const reason = new Error("enough");
    const writing = store.put(newKey(), Uint8Array.of(1), { signal: stop.signal });
    await asked;
    stop.abort(reason);
    await expect(writing).rejects.toBe(reason);
  });
});
