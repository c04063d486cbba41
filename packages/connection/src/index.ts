export { AccountConnection, type AccountConnectionOptions } from "./account.ts";
export { type AnonymousAddress, AnonymousConnection, type AnonymousConnectionOptions } from "./anonymous.ts";
export { AnonymousServerConnection, type AnonymousServerConnectionOptions } from "./anonymous-server.ts";
export { AuthenticatedConnection, type AuthenticatedConnectionOptions } from "./authenticated.ts";
export { createTransport } from "./create-transport.ts";
export {
  BadReplyError,
  CommandNotSupportedError,
  ConnectionError,
  type ConnectionErrorCode,
  type ConnectionErrorKind,
  IncompatibleServerError,
  OfflineError,
  type OfflineReason,
  type RefusalReason,
  RefusedError,
} from "./errors.ts";
export type { ServerEventListener } from "./event-loop.ts";
export { InvitedConnection, type InvitedConnectionOptions } from "./invited.ts";
export type { ConnectionOptions } from "./options.ts";
export { type ConnectionRemedy, connectionRemedies, remedyOf } from "./remedy.ts";
export type { SendOptions } from "./rpc.ts";
export type { ConnectionState } from "./state.ts";
export {
  type Cancellation,
  type ProxyConfig,
  type Transport,
  TransportConfigError,
  type TransportOptions,
  type TransportRequest,
  type TransportResponse,
} from "./transport.ts";
export { sdkVersion, userAgent } from "./user-agent.ts";
