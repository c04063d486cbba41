import { ParsecError } from "@parsec/base";
import type { ConnectionErrorCode } from "./errors.ts";

/**
 * What ends a failure of the connection, without a new login:
 * - `network`: the network, or the server, comes back
 * - `intermediary`: whoever answered in place of the server lets us through: a captive portal, a proxy
 * - `clock`: somebody sets the clock of this device
 * - `terms`: the user accepts the terms of service
 * - `administrator`: somebody lets the user, the device or the organization in again
 * - `update`: the client or the server is updated
 */
export type ConnectionRemedy = "network" | "intermediary" | "clock" | "terms" | "administrator" | "update";

/**
 * Which failures may pass by themselves, or by somebody's doing elsewhere: the one table for all that goes on by itself.
 * The event stream is opened again after any of them; monitors wait for it to be open. `null`: waiting changes nothing,
 * as it is about this one request.
 */
export const connectionRemedies: Readonly<Record<ConnectionErrorCode, ConnectionRemedy | null>> = {
  OFFLINE: "network",
  // All our requests have a proof of who we are: something on the way has removed it.
  MISSING_AUTHENTICATION: "intermediary",
  BAD_AUTHENTICATION: "administrator",
  ORGANIZATION_NOT_FOUND: "administrator",
  INVITATION_ALREADY_USED_OR_DELETED: null,
  ORGANIZATION_EXPIRED: "administrator",
  USER_REVOKED: "administrator",
  USER_FROZEN: "administrator",
  USER_MUST_ACCEPT_TOS: "terms",
  WEB_CLIENT_NOT_ALLOWED: "administrator",
  TOKEN_EXPIRED: "clock",
  BAD_CONTENT: "update",
  BODY_TOO_LARGE: null,
  UNEXPECTED_STATUS: "intermediary",
  BAD_REPLY: "intermediary",
  INCOMPATIBLE_SERVER: "update",
  COMMAND_NOT_SUPPORTED: "update",
};

/** What ends this failure, if it is one of the connection that may pass; `undefined` for any other error. */
export function remedyOf(error: unknown): ConnectionRemedy | undefined {
  return ParsecError.is(error) && isConnectionCode(error.code)
    ? (connectionRemedies[error.code] ?? undefined)
    : undefined;
}

function isConnectionCode(code: string): code is ConnectionErrorCode {
  return Object.hasOwn(connectionRemedies, code);
}
