import { ClientError, UnexpectedReplyError } from "../errors.ts";

/**
 * How often an operation learns from the server's certificates and tries again. Each time something changed meanwhile,
 * so a few are enough; a server that never agrees must not keep us busy.
 */
export const maxRefetches = 8;

/** What the statuses mean that all realm commands share; any other one is not expected. */
export function realmRefusal(command: string, status: string): RealmRefusal | UnexpectedReplyError {
  switch (status) {
    case "author_not_allowed":
      return new ClientError("AUTHOR_NOT_ALLOWED");
    case "realm_not_found":
      return new ClientError("REALM_NOT_FOUND");
    case "realm_deleted":
      return new ClientError("REALM_DELETED");
    default:
      return new UnexpectedReplyError(command, status);
  }
}

export type RealmRefusal = ClientError<"AUTHOR_NOT_ALLOWED" | "REALM_NOT_FOUND" | "REALM_DELETED">;
