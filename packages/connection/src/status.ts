import {
  type AnyCommand,
  apiVersionHeader,
  compareApiVersions,
  type Family,
  httpStatuses as http,
  parseApiVersion,
  parseSupportedApiVersions,
  supportedApiVersionsHeader,
} from "@parsec/protocol";
import {
  CommandNotSupportedError,
  type ConnectionError,
  IncompatibleServerError,
  OfflineError,
  type OfflineReason,
  type RefusalReason,
  RefusedError,
} from "./errors.ts";
import type { TransportResponse } from "./transport.ts";

type Refusals = Readonly<Record<number, RefusalReason>>;

const everywhere: Refusals = {
  [http.badAcceptType]: "BAD_CONTENT",
  [http.bodyTooLarge]: "BODY_TOO_LARGE",
  [http.badContent]: "BAD_CONTENT",
};
const organization: Refusals = {
  [http.organizationNotFound]: "ORGANIZATION_NOT_FOUND",
  [http.organizationExpired]: "ORGANIZATION_EXPIRED",
  [http.webClientNotAllowed]: "WEB_CLIENT_NOT_ALLOWED",
};
const credentials: Refusals = {
  [http.missingAuthentication]: "MISSING_AUTHENTICATION",
  [http.badAuthentication]: "BAD_AUTHENTICATION",
};
const timely: Refusals = { [http.tokenExpired]: "TOKEN_EXPIRED" };
const device: Refusals = {
  ...{ ...everywhere, ...organization, ...credentials, ...timely },
  [http.userRevoked]: "USER_REVOKED",
  [http.userFrozen]: "USER_FROZEN",
  [http.userMustAcceptTos]: "USER_MUST_ACCEPT_TOS",
};

/** What each family may answer (spec 05 §7.2, with the 498 of accounts). */
const refusals: Readonly<Record<Family, Refusals>> = {
  authenticated: device,
  tos: device,
  invited: {
    ...{ ...everywhere, ...organization, ...credentials },
    [http.invitationAlreadyUsedOrDeleted]: "INVITATION_ALREADY_USED_OR_DELETED",
  },
  anonymous: { ...everywhere, ...organization },
  anonymous_server: everywhere,
  authenticated_account: { ...everywhere, ...credentials, ...timely },
};

/** Statuses of overloaded servers, or of what stands before them: nothing is known of the Parsec server behind. */
const unavailable: ReadonlySet<number> = new Set([408, 429]);
const proxyAuthenticationRequired = 407;

/** The error that an answer other than 200 stands for. The body is not looked at (spec 05 §6.2). */
export function errorOfResponse(response: TransportResponse, command: AnyCommand): ConnectionError {
  const { status, header } = response;
  const isFromParsec = hasParsecHead(response);
  const offline = offlineReason(status);
  if (offline !== undefined) {
    return new OfflineError(`HTTP status ${status}`, { status, reason: offline, isFromParsec });
  }
  if (status === http.unsupportedApiVersion) {
    const supported = header(supportedApiVersionsHeader.toLowerCase());
    const versions = supported === undefined ? undefined : parseSupportedApiVersions(supported);
    return new IncompatibleServerError(versions, { isFromParsec });
  }
  if (status === http.badContent) {
    const missing = missingCommand(header(apiVersionHeader.toLowerCase()), command, isFromParsec);
    if (missing !== undefined) return missing;
  }
  return new RefusedError(refusals[command.family][status] ?? "UNEXPECTED_STATUS", { status, isFromParsec });
}

function offlineReason(status: number): OfflineReason | undefined {
  if (status === proxyAuthenticationRequired) return "proxy";
  if (status >= 500 || unavailable.has(status)) return "unavailable";
  return status < 200 || (status >= 300 && status < 400) ? "redirected" : undefined;
}

/**
 * Whether the head of a refusal is a Parsec server's: it says a version of the API, and its body is JSON (spec 05 §6.2).
 * A page of another origin may see `Server` in place of the versions.
 */
function hasParsecHead({ header }: TransportResponse): boolean {
  const mediaType = header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  const version = header(apiVersionHeader.toLowerCase());
  const supported = parseSupportedApiVersions(header(supportedApiVersionsHeader.toLowerCase()) ?? "");
  const isServer = supported.length > 0 || header("server")?.startsWith("parsec/") === true;
  const isNamed = version === undefined ? isServer : parseApiVersion(version) !== undefined;
  return isNamed && mediaType === "application/json";
}

function missingCommand(
  serverVersion: string | undefined,
  { name, since }: AnyCommand,
  isFromParsec: boolean,
): ConnectionError | undefined {
  const server = serverVersion === undefined ? undefined : parseApiVersion(serverVersion);
  if (server === undefined || compareApiVersions(server, since) >= 0) return undefined;
  return new CommandNotSupportedError(name, since, server, { isFromParsec });
}
