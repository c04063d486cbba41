import { ClientError } from "../../errors.ts";
import { WorkspaceError } from "../errors.ts";

/** The statuses with which a server refuses a realm as a whole. */
export type RealmRefusal = "author_not_allowed" | "realm_not_found" | "realm_deleted" | "realm_archived";

/** The error of such a reply. */
export function realmRefused(status: RealmRefusal): ClientError | WorkspaceError {
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
  }
}
