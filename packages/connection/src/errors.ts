import { ParsecError, type ParsecErrorOptions } from "@parsec/base";
import { type ApiVersion, apiVersion, formatApiVersion } from "@parsec/protocol";

/** Why a server refuses to work for us, or why its answer is of no use (architecture §5; HTTP statuses: spec 05 §6.2). */
export type RefusalReason =
  | "MISSING_AUTHENTICATION"
  | "BAD_AUTHENTICATION"
  | "ORGANIZATION_NOT_FOUND"
  | "INVITATION_ALREADY_USED_OR_DELETED"
  | "ORGANIZATION_EXPIRED"
  | "USER_REVOKED"
  | "USER_FROZEN"
  | "USER_MUST_ACCEPT_TOS"
  | "WEB_CLIENT_NOT_ALLOWED"
  | "TOKEN_EXPIRED"
  | "BAD_CONTENT"
  | "BODY_TOO_LARGE"
  | "UNEXPECTED_STATUS"
  | "BAD_REPLY";

/** The code of every error that a connection throws. */
export type ConnectionErrorCode = "OFFLINE" | "INCOMPATIBLE_SERVER" | "COMMAND_NOT_SUPPORTED" | RefusalReason;

/** Which state of the connection an error belongs to (architecture §5). */
export type ConnectionErrorKind = "offline" | "refused" | "incompatible";

/**
 * Why there was no answer that counts. Browsers hide most of it from pages: there it is often `unknown`.
 * - `dns`: the name of the server, or of the proxy, was not found
 * - `refused`: nothing listens at that address
 * - `unreachable`: no way there, or no answer to the attempt to connect
 * - `tls`: the certificate is not trusted, or the other side speaks no TLS, or another one
 * - `cors`: the server is there and does not let pages of this origin ask
 * - `proxy`: the proxy wants (another) user and password, or refuses
 * - `broken`: the connection ended before the answer did
 * - `silent`: nothing came for too long
 * - `unavailable`: an answer that says that the server is not there now (5xx, 408, 429)
 * - `redirected`: the answer sends elsewhere, as captive portals do
 */
export type OfflineReason =
  | "dns"
  | "refused"
  | "unreachable"
  | "tls"
  | "cors"
  | "proxy"
  | "broken"
  | "silent"
  | "unavailable"
  | "redirected"
  | "unknown";

export interface ConnectionErrorOptions extends ParsecErrorOptions {
  /** By default false. */
  readonly isFromParsec?: boolean | undefined;
}

/** The root of what a connection throws, besides the caller's own abort. */
export abstract class ConnectionError<
  Code extends ConnectionErrorCode = ConnectionErrorCode,
> extends ParsecError<Code> {
  override readonly name: string = "ConnectionError";
  abstract readonly kind: ConnectionErrorKind;
  /**
   * Whether the answer bears the marks of a Parsec server, the version of its API and its media type. Proxies and
   * captive portals answer 403 and 404 too: nothing that cannot be undone may follow from an answer without them.
   */
  readonly isFromParsec: boolean;

  constructor(code: Code, message: string, options: ConnectionErrorOptions = {}) {
    super(code, message, options);
    this.isFromParsec = options.isFromParsec ?? false;
  }
}

interface OfflineErrorOptions extends ConnectionErrorOptions {
  readonly reason?: OfflineReason;
  readonly status?: number;
}

/** No answer, or one that says that the server is not there (any 5xx): try again later. A reply may have been lost. */
export class OfflineError extends ConnectionError<"OFFLINE"> {
  override readonly name: string = "OfflineError";
  readonly kind = "offline";
  readonly reason: OfflineReason;
  /** The HTTP status, when there was an answer. */
  readonly status: number | undefined;

  constructor(what: string, options: OfflineErrorOptions = {}) {
    const reason = options.reason ?? "unknown";
    super("OFFLINE", `${what}: ${offlineAdvice[reason]}`, options);
    this.reason = reason;
    this.status = options.status;
  }
}

interface RefusedErrorOptions extends ConnectionErrorOptions {
  readonly status?: number | undefined;
  /** Added to the message. */
  readonly detail?: string;
}

/** The server answered and will not serve this client. Sending the same again gives the same. */
export class RefusedError<Reason extends RefusalReason = RefusalReason> extends ConnectionError<Reason> {
  override readonly name: string = "RefusedError";
  readonly kind = "refused";
  readonly reason: Reason;
  /** The HTTP status; absent when we did not even send. */
  readonly status: number | undefined;

  constructor(reason: Reason, options: RefusedErrorOptions = {}) {
    super(reason, refusalMessages[reason] + (options.detail === undefined ? "" : ` (${options.detail})`), options);
    this.reason = reason;
    this.status = options.status;
  }
}

/** The answer is not what a Parsec server sends: garbage, too long, or from somebody else, such as a captive portal. */
export class BadReplyError extends RefusedError<"BAD_REPLY"> {
  override readonly name: string = "BadReplyError";
  /** `detail` says what is wrong with the reply, never what it holds. */
  constructor(detail: string, options: ParsecErrorOptions = {}) {
    super("BAD_REPLY", { ...options, detail });
  }
}

/** Client and server speak no common version of the API (spec 05 §4). */
export class IncompatibleServerError extends ConnectionError<"INCOMPATIBLE_SERVER"> {
  override readonly name: string = "IncompatibleServerError";
  readonly kind = "incompatible";
  readonly clientVersion = apiVersion;
  /** What the server speaks; `undefined` when it does not say, or a browser hides it. */
  readonly supportedVersions: readonly ApiVersion[] | undefined;

  constructor(supportedVersions: readonly ApiVersion[] | undefined, options: ConnectionErrorOptions = {}) {
    const theirs = supportedVersions?.map(formatApiVersion).join(", ") ?? "unknown versions";
    super(
      "INCOMPATIBLE_SERVER",
      `This client speaks API ${formatApiVersion(apiVersion)}, the server ${theirs}: update one`,
      options,
    );
    this.supportedVersions = supportedVersions;
  }
}

/** The server is older than the command (spec 05 §1). */
export class CommandNotSupportedError extends ConnectionError<"COMMAND_NOT_SUPPORTED"> {
  override readonly name: string = "CommandNotSupportedError";
  readonly kind = "incompatible";
  readonly command: string;
  readonly since: ApiVersion;
  readonly serverVersion: ApiVersion;

  constructor(command: string, since: ApiVersion, serverVersion: ApiVersion, options: ConnectionErrorOptions = {}) {
    const [needed, found] = [formatApiVersion(since), formatApiVersion(serverVersion)];
    super(
      "COMMAND_NOT_SUPPORTED",
      `${command} needs a server of API ${needed}, this one has ${found}: update the server`,
      options,
    );
    this.command = command;
    this.since = since;
    this.serverVersion = serverVersion;
  }
}

const refusalMessages: Readonly<Record<RefusalReason, string>> = {
  MISSING_AUTHENTICATION: "The server found no valid authentication in the request",
  BAD_AUTHENTICATION: "The server does not know this device, invitation or authentication method, or refuses its proof",
  ORGANIZATION_NOT_FOUND: "The server has no such organization, or nobody has bootstrapped it: check the address",
  INVITATION_ALREADY_USED_OR_DELETED: "The invitation was used, cancelled or deleted: ask for another one",
  ORGANIZATION_EXPIRED: "The organization has expired: ask its administrator",
  USER_REVOKED: "The user was revoked from the organization",
  USER_FROZEN: "The user is frozen: ask the administrator of the server",
  USER_MUST_ACCEPT_TOS: "The terms of service have to be accepted first",
  WEB_CLIENT_NOT_ALLOWED: "The organization does not allow web clients: use a native one",
  TOKEN_EXPIRED: "The clock of this device is too far from the server's: set it",
  BAD_CONTENT: "The server does not understand the request, or does not have the command",
  BODY_TOO_LARGE: "The request is larger than servers accept",
  UNEXPECTED_STATUS: "The server answered with a status that it should never send",
  BAD_REPLY: "The answer is not one of a Parsec server: something between may have answered instead",
};

const offlineAdvice: Readonly<Record<OfflineReason, string>> = {
  dns: "check the network, and the name of the server in its address",
  refused: "check the port in the address of the server, and that the server runs",
  unreachable: "check the network and the address of the server",
  tls: "check the certificate of the server, and whether its address should say no_ssl=true",
  cors: "ask the administrator of the server to allow the origin of this page",
  proxy: "check the settings of the proxy, with its user and password",
  broken: "try again; the server may have executed the request",
  silent: "check the network, or try again later; the server may have executed the request",
  unavailable: "try again later",
  redirected: "log in to the network, or check the address of the server",
  unknown: "check the network and the address of the server, or try again later",
};
