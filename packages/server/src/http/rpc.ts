import {
  BadRequestError,
  decodeRequest,
  type Family,
  parseAccountToken,
  parseBearer,
  parseDeviceToken,
  parseInvitationToken,
  requestBodyLimit,
  rpcContentType,
} from "@parsec/protocol";
import { encode, OrganizationId } from "@parsec/types";
import {
  admitAnonymous,
  authenticateAccount,
  authenticateDevice,
  authenticateInvitation,
} from "../auth/authenticate.ts";
import { type CallerOf, findHandler } from "../commands/registry.ts";
import type { ClientInfo, ServerContext } from "../context.ts";
import { HttpAbort } from "../http-abort.ts";
import { expectedSize, readBody } from "./body.ts";
import { clientInfo, headerOf } from "./client-info.ts";
import type { HttpContext, HttpRequest } from "./request.ts";
import { rpcResponse } from "./response.ts";

// One function a family: the order of its steps is that of spec 08a §1.2 and §1.3.

export async function authenticatedRoute(server: ServerContext, c: HttpContext): Promise<Response> {
  return await deviceRoute("authenticated", server, c);
}

export async function tosRoute(server: ServerContext, c: HttpContext): Promise<Response> {
  return await deviceRoute("tos", server, c);
}

async function deviceRoute(family: "authenticated" | "tos", server: ServerContext, c: HttpContext): Promise<Response> {
  const { incoming } = c.env;
  const client = clientInfo(incoming, server.config);
  const organizationId = organizationIdOf(c);
  requireRpcContentType(incoming);
  const token = authorization(incoming, parseDeviceToken);
  const body = await readRpcBody(server, client, c);
  const mustHaveAcceptedTos = family !== "tos";
  const caller = await authenticateDevice(server, client, organizationId, token, { mustHaveAcceptedTos });
  return await run(family, server, client, c, caller, body);
}

export async function invitedRoute(server: ServerContext, c: HttpContext): Promise<Response> {
  const { incoming } = c.env;
  const client = clientInfo(incoming, server.config);
  const organizationId = organizationIdOf(c);
  requireRpcContentType(incoming);
  const token = authorization(incoming, parseInvitationToken);
  const caller = await authenticateInvitation(server, client, organizationId, token);
  return await run("invited", server, client, c, caller, await readRpcBody(server, client, c));
}

export async function anonymousRoute(server: ServerContext, c: HttpContext): Promise<Response> {
  const { incoming } = c.env;
  const client = clientInfo(incoming, server.config);
  const organizationId = organizationIdOf(c);
  requireRpcContentType(incoming);
  const caller = await admitAnonymous(server, client, organizationId, { mayCreate: true });
  return await run("anonymous", server, client, c, caller, await readRpcBody(server, client, c));
}

/** Tells whether an organization exists; never creates it (spec 08a §1.5). */
export async function anonymousProbe(server: ServerContext, c: HttpContext): Promise<Response> {
  const { incoming } = c.env;
  const client = clientInfo(incoming, server.config);
  const organizationId = organizationIdOf(c);
  requireRpcContentType(incoming);
  await admitAnonymous(server, client, organizationId, { mayCreate: false });
  return rpcResponse(new Uint8Array());
}

export async function anonymousServerRoute(server: ServerContext, c: HttpContext): Promise<Response> {
  const { incoming } = c.env;
  const client = clientInfo(incoming, server.config);
  requireRpcContentType(incoming);
  return await run("anonymous_server", server, client, c, null, await readRpcBody(server, client, c));
}

export async function authenticatedAccountRoute(server: ServerContext, c: HttpContext): Promise<Response> {
  const { incoming } = c.env;
  const client = clientInfo(incoming, server.config);
  requireRpcContentType(incoming);
  const token = authorization(incoming, parseAccountToken);
  const body = await readRpcBody(server, client, c);
  const caller = await authenticateAccount(server, client, token);
  return await run("authenticated_account", server, client, c, caller, body);
}

/** The body, whose memory is accounted for until the response is over. */
async function readRpcBody(server: ServerContext, client: ClientInfo, c: HttpContext): Promise<Uint8Array> {
  const { incoming, outgoing } = c.env;
  const expected = expectedSize(incoming, requestBodyLimit);
  const gone = new AbortController();
  const onClose = () => gone.abort(new HttpAbort("bodyTooLarge"));
  outgoing.once("close", onClose);
  if (outgoing.destroyed) onClose();
  const giveBack = await server.bodyBudget.take(client.ip, expected, gone.signal);
  outgoing.once("close", giveBack);
  if (gone.signal.aborted) giveBack();
  return await readBody(incoming, requestBodyLimit);
}

async function run<F extends Family>(
  family: F,
  server: ServerContext,
  client: ClientInfo,
  c: HttpContext,
  caller: CallerOf[F],
  body: Uint8Array,
): Promise<Response> {
  const request = decodeBody(family, body);
  const handler = findHandler(family, request.cmd, server.config);
  if (handler === undefined) throw new HttpAbort("internalError");
  const { command } = handler;
  const label = c.get("label");
  label.command = command.name;
  const received = { command, organizationId: organizationOf(caller), request };
  const response = await server.interference?.beforeCommand(received);
  if (response !== undefined) return response;
  const reply = await handler.run(server, client, caller, request);
  label.reply = replyStatus(reply);
  const given = server.interference === null ? reply : await server.interference.afterCommand(received, reply);
  return rpcResponse(encode(command.reply, given));
}

function replyStatus(reply: unknown): string | null {
  if (typeof reply !== "object" || reply === null || !("status" in reply)) return null;
  return typeof reply.status === "string" ? reply.status : null;
}

function organizationOf(caller: CallerOf[Family]): OrganizationId | null {
  return caller !== null && "organizationId" in caller ? caller.organizationId : null;
}

function decodeBody(family: Family, body: Uint8Array): { readonly cmd: string } {
  try {
    return decodeRequest(family, body);
  } catch (error) {
    if (error instanceof BadRequestError) throw new HttpAbort("badContent");
    throw error;
  }
}

export function organizationIdOf(c: HttpContext): OrganizationId {
  try {
    return OrganizationId.parse(c.req.param("organizationId") ?? "");
  } catch {
    throw new HttpAbort("organizationNotFound");
  }
}

function requireRpcContentType(incoming: HttpRequest): void {
  if (headerOf(incoming, "content-type") !== rpcContentType) throw new HttpAbort("badContent");
}

/** Step H4: the bearer token, in the form of the family. */
export function authorization<T>(incoming: HttpRequest, parse: (token: string) => T | undefined): T {
  const token = parseBearer(headerOf(incoming, "authorization") ?? "");
  const parsed = token === undefined ? undefined : parse(token);
  if (parsed === undefined) throw new HttpAbort("missingAuthentication");
  return parsed;
}
