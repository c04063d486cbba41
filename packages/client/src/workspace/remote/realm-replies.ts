import { ClientError, SequesterServiceError, UnexpectedReplyError } from "../../errors.ts";
import { WorkspaceError } from "../errors.ts";

/** The error of a reply that refuses the realm as a whole, or that has no meaning for this command. */
export function realmReplyError(
  command: string,
  reply: RealmReply,
): ClientError | SequesterServiceError | WorkspaceError | UnexpectedReplyError {
  if (isSequesterReply(reply)) return new SequesterServiceError(reply);
  switch (reply.status) {
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
      return new UnexpectedReplyError(command, reply.status);
  }
}

interface RealmReply {
  readonly status: string;
}

type SequesterReply = ConstructorParameters<typeof SequesterServiceError>[0];

function isSequesterReply(reply: RealmReply): reply is SequesterReply {
  return reply.status === "rejected_by_sequester_service" || reply.status === "sequester_service_unavailable";
}
