import { fromBase64, fromHex, toHex } from "@parsec/base";
import { ready } from "@parsec/crypto";
import { commands, decodeRequest, type Family, findCommand } from "@parsec/protocol";
import { DateTime, decode } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTransport, type Transport } from "../src/index.ts";
import { connectAs } from "./support/connections.ts";
import { connectDevice } from "./support/device.ts";
import { listen } from "./support/listen.ts";
import { organizationAt } from "./support/organization-address.ts";
import { type StubServer, startStubServer } from "./support/stub-server.ts";
import { readVectors } from "./support/vectors.ts";

interface Exchange {
  readonly name: string;
  readonly family: Family;
  readonly cmd: string;
  readonly outcome: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly request: Uint8Array;
  readonly status: number;
  readonly reply: Uint8Array;
}

type Headers = Readonly<Record<string, string>>;
interface RecordedFile {
  readonly event_streams: readonly {
    readonly request: { readonly path: string; readonly headers: Headers };
    readonly response: { readonly headers: Headers; readonly body_text: string };
  }[];
  readonly exchanges: readonly {
    readonly family: string;
    readonly command: string;
    readonly outcome: string;
    readonly request: { readonly path: string; readonly headers: Headers; readonly body: string };
    readonly response: { readonly status: number; readonly body: string };
  }[];
}
interface AccountFile {
  readonly reference_exchanges: {
    readonly exchanges: readonly {
      readonly id: string;
      readonly origin: string;
      readonly family: string;
      readonly cmd: string;
      readonly status: string;
      readonly request: { readonly path: string; readonly headers: Headers; readonly body_hex?: string };
      readonly reply: { readonly http_status: number; readonly body_hex?: string };
    }[];
  };
}

const lowerCase = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const recorded = readVectors<RecordedFile>("exchanges.json").exchanges.map(
  ({ family, command, outcome, request, response }) => ({
    name: `${family}/${command}/${outcome}`,
    // The recorder files the commands of the terms of service under their route's first word.
    family: (request.path.endsWith("/tos") ? "tos" : family) as Family,
    cmd: command,
    outcome,
    path: request.path,
    headers: request.headers,
    request: fromBase64(request.body) ?? expect.unreachable(),
    status: response.status,
    reply: fromBase64(response.body) ?? expect.unreachable(),
  }),
);
const account = readVectors<AccountFile>("account.json")
  .reference_exchanges.exchanges.filter(({ status }) => !/^http_4(01|13|15|22)$/.test(status))
  .map(({ id, family, cmd, status, request, reply }) => ({
    name: id,
    family: family as Family,
    cmd,
    outcome: status,
    path: request.path,
    headers: lowerCase(request.headers),
    request: fromHex(request.body_hex ?? "") ?? expect.unreachable(),
    status: reply.http_status,
    reply: fromHex(reply.body_hex ?? "") ?? expect.unreachable(),
  }));
const exchanges: readonly Exchange[] = [...recorded, ...account].filter(
  ({ family, request }) => family in commands && request.length > 0,
);

let server: StubServer;
let transport: Transport;

beforeAll(async () => {
  await ready();
  transport = createTransport({ proxy: "none" });
  server = await startStubServer((_request, response) => response.end());
});
afterAll(async () => {
  await transport.close();
  await server.close();
});

/** Who sent it, as far as the headers tell. */
function senderOf({ path, headers }: Exchange) {
  const [, token = ""] = (headers["authorization"] ?? "").split(" ");
  const [, id, seconds] = token.split(".");
  return {
    organizationId: decodeURIComponent(path.split("/")[2] ?? "") || undefined,
    id,
    invitationToken: token.includes(".") ? undefined : token || undefined,
    now: seconds === undefined ? undefined : DateTime.fromSeconds(Number(seconds)),
  };
}

/** All but the signature, which only the owner of the key can make. */
function unsigned(authorization: string | undefined): string | undefined {
  return authorization?.replace(/\.[^.]*$/, "");
}

describe("recorded exchanges, sent by us", () => {
  it.each(exchanges)("$name", async (exchange) => {
    server.answer = (_request, response) => response.writeHead(exchange.status).end(exchange.reply);
    const command = findCommand(exchange.family, exchange.cmd) ?? expect.unreachable();
    const sent = connectAs(
      exchange.family,
      server.url,
      transport,
      senderOf(exchange),
    )(command, decodeRequest(exchange.family, exchange.request));
    if (exchange.status === 200) {
      expect(await sent).toEqual(decode(command.reply, exchange.reply));
      if (exchange.outcome !== "http_200") expect(await sent).toMatchObject({ status: exchange.outcome });
    } else {
      await expect(sent).rejects.toMatchObject({ kind: "refused", status: exchange.status });
    }
    const seen = server.requests.at(-1) ?? expect.unreachable();
    expect(seen).toMatchObject({ method: "POST", path: exchange.path });
    expect(toHex(seen.body)).toBe(toHex(exchange.request));
    expect(seen.headers["api-version"]).toBe("5.6");
    expect(seen.headers["content-type"]).toBe(exchange.headers["content-type"]);
    expect(seen.headers["user-agent"]).toMatch(/^Parsec-Client\/[^ ]+ Linux$|^Parsec-Client\/[^ ]+ (MacOS|Windows)$/);
    expect(unsigned(seen.headers.authorization)).toBe(unsigned(exchange.headers["authorization"]));
  });
});

describe("recorded streams of events, received by us", () => {
  const { event_streams } = readVectors<RecordedFile>("exchanges.json");

  it.each(event_streams)("$request.path", async ({ request, response: { headers, body_text } }) => {
    server.answer = (_request, response) => {
      const { "transfer-encoding": _, ...sent } = headers;
      response.writeHead(200, sent).write(body_text);
    };
    const id = request.path.split("/")[2];
    const { connection } = connectDevice(organizationAt(server.url, id), transport);
    const { told, states } = listen(connection);
    const count = body_text.split("\n\n").filter((frame) => frame.startsWith("data:")).length;
    await vi.waitUntil(() => told.all.length === 2 + count);
    expect(told.all.slice(0, 3)).toEqual(["missed", "ORGANIZATION_CONFIG", "missed"]);
    expect(states.all).toEqual([{ status: "online" }]);
    await connection.stopEvents();
    const seen = server.requests.at(-1) ?? expect.unreachable();
    expect(seen).toMatchObject({ method: "GET", path: request.path });
    expect(seen.headers["api-version"]).toBe(request.headers["api-version"]);
    expect(seen.headers["last-event-id"]).toBe(request.headers["last-event-id"]);
    expect(seen.headers["content-type"]).toBeUndefined();
  });
});
