import { ClientError, UnexpectedReplyError } from "../../errors.ts";
import { WorkspaceError } from "../errors.ts";

/** The error of a reply that refuses the realm as a whole, or that has no meaning for this command. */
export function realmReplyError(
  command: string,
  { status }: { readonly status: string },
): ClientError | WorkspaceError | UnexpectedReplyError {
  switch (status) {
    case "author_not_allowed":
      return new ClientError("REALM_ACCESS_DENIED");
    case "realm_not_found":
      return new ClientError("REALM_NOT_FOUND");
    case "realm_deleted":
      return new ClientError("REALM_DELETED");
    case "realm_archived":
      return new WorkspaceError(
        "REALM_ARCHIVED",
        "This workspace is archived: an owner has to make it available again",
      );
    case "store_unavailable":
      return new WorkspaceError("BLOCKSTORE_UNAVAILABLE", "The server cannot reach its block storage: try again later");
    default:
      return new UnexpectedReplyError(command, status);
  }
}
