import { BugError, ParsecError } from "@parsec/base";
import { ready } from "@parsec/crypto";
import { commands, type Family, families } from "@parsec/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  BadReplyError,
  type ConnectionErrorCode,
  connectionRemedies,
  createTransport,
  OfflineError,
  RefusedError,
  remedyOf,
  type Transport,
} from "../src/index.ts";
import { connectAs } from "./support/connections.ts";
import { type StubServer, startStubServer } from "./support/stub-server.ts";
import { readVectors } from "./support/vectors.ts";

type Table = Readonly<Record<Family, Readonly<Record<string, string>>>>;
const { http_status_to_error: table } = readVectors<{ http_status_to_error: Table }>("protocol.json");

/** Our code for each error of the reference (spec 05 §7.1). */
const codes: Readonly<Record<string, ConnectionErrorCode>> = {
  MissingAuthenticationInfo: "MISSING_AUTHENTICATION",
  BadAuthenticationInfo: "BAD_AUTHENTICATION",
  OrganizationNotFound: "ORGANIZATION_NOT_FOUND",
  BadAcceptType: "BAD_CONTENT",
  BadContent: "BAD_CONTENT",
  InvitationAlreadyUsedOrDeleted: "INVITATION_ALREADY_USED_OR_DELETED",
  ExpiredOrganization: "ORGANIZATION_EXPIRED",
  RevokedUser: "USER_REVOKED",
  FrozenUser: "USER_FROZEN",
  UserMustAcceptTos: "USER_MUST_ACCEPT_TOS",
  WebClientNotAllowedByOrganization: "WEB_CLIENT_NOT_ALLOWED",
  AuthenticationTokenExpired: "TOKEN_EXPIRED",
  UnsupportedApiVersion: "INCOMPATIBLE_SERVER",
  NoResponse: "OFFLINE",
};

/** Where we are finer than the reference, which has `InvalidResponseStatus` for them (architecture §5). */
function finer(family: Family, status: number): ConnectionErrorCode | undefined {
  if (family === "authenticated_account" && status === 498) return "TOKEN_EXPIRED";
  if (status === 413) return "BODY_TOO_LARGE";
  if (status >= 500 || [301, 302, 304, 307, 308, 407, 408, 429].includes(status)) return "OFFLINE";
  return undefined;
}

const statuses = [
  ...[201, 204, 301, 302, 304, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 410, 413, 415, 418, 422, 429],
  ...[460, 461, 462, 463, 464, 465, 498, 499, 500, 501, 502, 503, 504, 511, 599],
];
const cases = families.flatMap((family) =>
  statuses.map((status) => {
    const listed = codes[table[family][status] ?? ""];
    return { family, status, code: listed ?? finer(family, status) ?? "UNEXPECTED_STATUS" };
  }),
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

const pingOf = {
  ...{ authenticated: commands.authenticated.ping, invited: commands.invited.ping, anonymous: commands.anonymous.ping },
  anonymous_server: commands.anonymous_server.ping,
  authenticated_account: commands.authenticated_account.ping,
  tos: commands.tos.tos_get,
};

describe("HTTP statuses", () => {
  it.each(cases)("$status to $family is $code", async ({ family, status, code }) => {
    server.answer = (_request, response) => response.writeHead(status, { Location: `${server.url}/elsewhere` }).end();
    const before = server.requests.length;
    const sent = connectAs(family, server.url, transport)(pingOf[family], { ping: "" });
    await expect(sent).rejects.toMatchObject({ code, name: expect.stringMatching(/Error$/) });
    expect(server.requests).toHaveLength(before + 1);
  });

  it("never calls a 5xx incompatible", () => {
    expect(cases.filter(({ status }) => status >= 500).every(({ code }) => code === "OFFLINE")).toBe(true);
  });

  it("tells the versions of an incompatible server, when it says them", async () => {
    const send = connectAs("anonymous_server", server.url, transport);
    server.answer = (_request, response) => response.writeHead(422, { "Supported-Api-Versions": "8.1; 9.0" }).end();
    await expect(send(pingOf.anonymous_server, { ping: "" })).rejects.toMatchObject({
      clientVersion: { major: 5, revision: 6 },
      supportedVersions: [{ major: 8, revision: 1 }],
    });
    server.answer = (_request, response) => response.writeHead(422).end();
    await expect(send(pingOf.anonymous_server, { ping: "" })).rejects.toMatchObject({ supportedVersions: undefined });
  });

  it("tells that the server is older than the command, when it says its version", async () => {
    server.answer = (_request, response) => response.writeHead(415, { "Api-Version": "5.2" }).end();
    const send = connectAs("anonymous_server", server.url, transport);
    await expect(send(commands.anonymous_server.server_config, {})).rejects.toMatchObject({
      code: "COMMAND_NOT_SUPPORTED",
      kind: "incompatible",
      command: "server_config",
      since: { major: 5, revision: 3 },
      serverVersion: { major: 5, revision: 2 },
    });
    await expect(send(pingOf.anonymous_server, { ping: "" })).rejects.toMatchObject({ code: "BAD_CONTENT" });
    // The first version that has the command.
    server.answer = (_request, response) => response.writeHead(415, { "Api-Version": "5.3" }).end();
    await expect(send(commands.anonymous_server.server_config, {})).rejects.toMatchObject({ code: "BAD_CONTENT" });
  });
});

describe("whether a Parsec server said so", () => {
  const json = { "Content-Type": "application/json" };

  it.each<[boolean, number, Record<string, string>]>([
    [true, 404, { ...json, "Api-Version": "5.6" }],
    [true, 404, { "Content-Type": "Application/JSON; charset=utf-8", "Api-Version": "5.0" }],
    [true, 404, { ...json, "Api-Version": "9.1" }],
    [true, 404, { ...json, Server: "parsec/3" }],
    [true, 422, { ...json, "Supported-Api-Versions": "8.1;9.0" }],
    [true, 415, { ...json, "Api-Version": "5.2" }],
    [true, 503, { ...json, Server: "parsec/3" }],
    [false, 404, {}],
    [false, 404, json],
    [false, 404, { "Api-Version": "5.6" }],
    [false, 404, { "Content-Type": "text/html", "Api-Version": "5.6" }],
    [false, 404, { "Content-Type": "text/html", Server: "parsec/3" }],
    [false, 404, { ...json, "Api-Version": "latest", Server: "parsec/3" }],
    [false, 404, { ...json, Server: "nginx" }],
    [false, 404, { ...json, Server: "not-parsec/3" }],
    [false, 422, { ...json, "Supported-Api-Versions": "all" }],
    [false, 302, { Location: "/login" }],
    [false, 503, json],
  ])("is %s of status %d with %j", async (isFromParsec, status, headers) => {
    server.answer = (_request, response) => response.writeHead(status, headers).end();
    const sent = connectAs("anonymous", server.url, transport)(commands.anonymous.ping, { ping: "" });
    await expect(sent).rejects.toMatchObject({ isFromParsec });
  });

  it("is false of what is found wrong on this side", () => {
    expect(new BadReplyError("garbage").isFromParsec).toBe(false);
    expect(new OfflineError("no network").isFromParsec).toBe(false);
  });
});

describe("what ends a failure", () => {
  it("is told of every code of a connection, and of no other error", () => {
    expect(remedyOf(new OfflineError("no network"))).toBe("network");
    expect(remedyOf(new BadReplyError("garbage"))).toBe("intermediary");
    expect(remedyOf(new RefusedError("BODY_TOO_LARGE"))).toBeUndefined();
    expect(remedyOf(new BugError("Two roots"))).toBeUndefined();
    expect(remedyOf(new ParsecError("toString", "not ours"))).toBeUndefined();
    expect(remedyOf({ code: "OFFLINE" })).toBeUndefined();
    expect(Object.keys(connectionRemedies)).toHaveLength(17);
  });
});
