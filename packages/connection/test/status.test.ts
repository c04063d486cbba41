import { ready } from "@parsec/crypto";
import { commands, type Family, families } from "@parsec/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConnectionErrorCode, createTransport, type Transport } from "../src/index.ts";
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
  });
});
