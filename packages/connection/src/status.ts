import {
  type AnyCommand,
  compareApiVersions,
  type Family,
  httpStatuses as http,
  parseApiVersion,
  parseSupportedApiVersions,
} from "@parsec/protocol";
import {
  CommandNotSupportedError,
  type ConnectionError,
  IncompatibleServerError,
  OfflineError,
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

/** Statuses of proxies and overloaded servers: nothing is known of the Parsec server behind. */
const notReachable: ReadonlySet<number> = new Set([407, 408, 429]);

/** The error that an answer other than 200 stands for. The body is not looked at (spec 05 §6.2). */
export function errorOfResponse(response: TransportResponse, command: AnyCommand): ConnectionError {
  const { status, header } = response;
  if (status >= 500 || notReachable.has(status)) return new OfflineError(`HTTP status ${status}`, { status });
  if (status < 200 || (status >= 300 && status < 400)) {
    return new OfflineError("The answer sends elsewhere, as captive portals do", { status });
  }
  if (status === http.unsupportedApiVersion) {
    const supported = header("supported-api-versions");
    return new IncompatibleServerError(supported === undefined ? undefined : parseSupportedApiVersions(supported));
  }
  if (status === http.badContent) {
    const missing = missingCommand(header("api-version"), command);
    if (missing !== undefined) return missing;
  }
  const reason = refusals[command.family][status] ?? "UNEXPECTED_STATUS";
  return new RefusedError(reason, { status, isFromParsec: isFromParsec(response) });
}

/** A refusal of Parsec's own has both (spec 05 §6.2). A page of another origin may see `Server` in place of the version. */
function isFromParsec({ header }: TransportResponse): boolean {
  const [mediaType = ""] = (header("content-type") ?? "").split(";", 1);
  const version = header("api-version");
  const isServer =
    version === undefined ? header("server")?.startsWith("parsec/") === true : parseApiVersion(version) !== undefined;
  return isServer && mediaType.trim() === "application/json";
}

function missingCommand(serverVersion: string | undefined, { name, since }: AnyCommand): ConnectionError | undefined {
  const server = serverVersion === undefined ? undefined : parseApiVersion(serverVersion);
  if (server === undefined || compareApiVersions(server, since) >= 0) return undefined;
  return new CommandNotSupportedError(name, since, server);
}
