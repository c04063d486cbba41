import { AnonymousServerConnection, type AnonymousServerConnectionOptions } from "@parsec/connection";

/** A server with accounts, and how to reach it. Its owner closes the transport. */
export type AccountServer = AnonymousServerConnectionOptions;

export function connectTo(server: AccountServer): AnonymousServerConnection {
  return new AnonymousServerConnection(server);
}
