/** The HTTP statuses that servers answer with on purpose, and the `detail` of their JSON bodies (spec 05 §6.2). */
export const httpStatuses = {
  ok: 200,
  missingAuthentication: 401,
  badAuthentication: 403,
  organizationNotFound: 404,
  badAcceptType: 406,
  invitationAlreadyUsedOrDeleted: 410,
  bodyTooLarge: 413,
  badContent: 415,
  unsupportedApiVersion: 422,
  organizationExpired: 460,
  userRevoked: 461,
  userFrozen: 462,
  userMustAcceptTos: 463,
  webClientNotAllowed: 464,
  tokenExpired: 498,
  internalError: 500,
  stopping: 503,
} as const;
export type HttpStatusName = keyof typeof httpStatuses;

/** The `detail` of the JSON body of an error. Clients never read it. */
export const httpDetails: Readonly<Record<Exclude<HttpStatusName, "ok">, string>> = {
  missingAuthentication: "Missing authentication info",
  badAuthentication: "Bad authentication info",
  organizationNotFound: "Organization not found",
  badAcceptType: "Bad accept type",
  invitationAlreadyUsedOrDeleted: "Invitation already used or deleted",
  bodyTooLarge: "Request Entity Too Large",
  badContent: "Bad content type or invalid body or unknown command",
  unsupportedApiVersion: "Unprocessable Entity",
  organizationExpired: "Organization expired",
  userRevoked: "User revoked",
  userFrozen: "User frozen",
  userMustAcceptTos: "User must accept tos",
  webClientNotAllowed: "Web client not allowed by organization config",
  tokenExpired: "Token expired",
  internalError: "Internal Server Error",
  stopping: "Service Unavailable",
};

/** `Content-Type` of requests and replies, compared exactly (spec 05 §2). */
export const rpcContentType = "application/msgpack";
/** `Accept` of the event stream, compared exactly (spec 05 §2). */
export const eventStreamAccept = "text/event-stream";
/** `Content-Type` of the event stream. */
export const eventStreamContentType = "text/event-stream; charset=utf-8";
/** How the `User-Agent` of a native client begins (spec 05 §10). */
export const nativeUserAgentPrefix = "Parsec-Client/";
