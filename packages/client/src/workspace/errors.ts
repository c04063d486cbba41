import { ParsecError, type ParsecErrorOptions } from "@parsec/base";
import { BlockId, type DateTime, type DeviceId, VlobId } from "@parsec/types";

/**
 * What a workspace operation may refuse, besides the errors of the connection, of the storage, of
 * certificates and realm keys, and `ClientError` for the realm as a whole.
 *
 * - `ENTRY_NOT_FOUND`, `PARENT_NOT_FOUND`: nothing (visible) has that path.
 * - `ENTRY_IS_FOLDER`, `ENTRY_IS_FILE`, `PARENT_IS_FILE`: the entry is of the other kind.
 * - `ENTRY_EXISTS`: the name is taken.
 * - `FOLDER_NOT_EMPTY`, `CANNOT_CHANGE_ROOT`, `MOVE_INTO_ITSELF`: the tree does not allow it.
 * - `READ_ONLY`: the role of this user is READER, or the workspace is archived.
 * - `ENTRY_BUSY`: somebody else writes this entry right now; try again.
 * - `ENTRY_CONTESTED`: others change this entry as fast as this device merges; it is tried again later.
 * - `FILE_TOO_LARGE`: the manifest of such a file would exceed the server's body limit.
 * - `REALM_ARCHIVED`: the server takes no writes for this workspace.
 * - `CHUNK_NOT_FOUND`: content is neither on this device nor on the server.
 * - `BLOCKSTORE_UNAVAILABLE`: the server cannot reach its block storage; try again later.
 * - `LINK_OF_OTHER_WORKSPACE`, `LINK_CORRUPTED`: a link to a path cannot be opened here, or at all.
 * - `CRYPTPAD_UNAVAILABLE`: the server has no CryptPad.
 * - `HANDLE_CLOSED`, `NOT_OPEN_FOR_READING`, `NOT_OPEN_FOR_WRITING`: what was opened does not allow it.
 * - `WORKSPACE_CLOSED`: the session, or this workspace, was closed.
 */
export type WorkspaceErrorCode =
  | "ENTRY_NOT_FOUND"
  | "PARENT_NOT_FOUND"
  | "ENTRY_IS_FOLDER"
  | "ENTRY_IS_FILE"
  | "PARENT_IS_FILE"
  | "ENTRY_EXISTS"
  | "FOLDER_NOT_EMPTY"
  | "CANNOT_CHANGE_ROOT"
  | "MOVE_INTO_ITSELF"
  | "READ_ONLY"
  | "ENTRY_BUSY"
  | "ENTRY_CONTESTED"
  | "FILE_TOO_LARGE"
  | "REALM_ARCHIVED"
  | "CHUNK_NOT_FOUND"
  | "BLOCKSTORE_UNAVAILABLE"
  | "LINK_OF_OTHER_WORKSPACE"
  | "LINK_CORRUPTED"
  | "CRYPTPAD_UNAVAILABLE"
  | "HANDLE_CLOSED"
  | "NOT_OPEN_FOR_READING"
  | "NOT_OPEN_FOR_WRITING"
  | "WORKSPACE_CLOSED";

/** See {@link WorkspaceErrorCode}. Names and paths in the message are for the user of this device; never log it. */
export class WorkspaceError extends ParsecError<WorkspaceErrorCode> {
  override readonly name: string = "WorkspaceError";
  /** The entry in question, when there is one. */
  readonly entryId: VlobId | undefined;

  constructor(code: WorkspaceErrorCode, message: string, options: ParsecErrorOptions & { entryId?: VlobId } = {}) {
    super(code, message, options);
    this.entryId = options.entryId;
  }
}

/** Why a manifest that the server gave is refused (spec 11 §14). */
export type InvalidManifestReason =
  | "NON_EXISTENT_KEY_INDEX"
  | "CORRUPTED_KEY"
  | "CANNOT_DECRYPT"
  | "NON_EXISTENT_AUTHOR"
  | "REVOKED_AUTHOR"
  | "CLEARTEXT_CORRUPTED"
  | "AUTHOR_NO_ACCESS_TO_REALM"
  | "AUTHOR_REALM_ROLE_CANNOT_WRITE";

/** The server gave a manifest that no honest member of the workspace can have written. Nothing of it was used. */
export class InvalidManifestError extends ParsecError<"INVALID_MANIFEST"> {
  override readonly name: string = "InvalidManifestError";
  readonly reason: InvalidManifestReason;
  readonly vlobId: VlobId;
  readonly version: number;
  readonly author: DeviceId;
  readonly timestamp: DateTime;

  constructor(
    reason: InvalidManifestReason,
    manifest: { vlobId: VlobId; version: number; author: DeviceId; timestamp: DateTime },
    options: ParsecErrorOptions = {},
  ) {
    super(
      "INVALID_MANIFEST",
      `The server gave an invalid version ${manifest.version} of entry ${VlobId.display(manifest.vlobId)} (${reason}): ` +
        "it was refused. Tell the administrator of the server",
      options,
    );
    this.reason = reason;
    this.vlobId = manifest.vlobId;
    this.version = manifest.version;
    this.author = manifest.author;
    this.timestamp = manifest.timestamp;
  }
}

/** Why a block that the server gave is refused (spec 11 §5). */
export type InvalidBlockReason =
  | "NON_EXISTENT_KEY_INDEX"
  | "CORRUPTED_KEY"
  | "CANNOT_DECRYPT"
  | "SIZE_MISMATCH"
  | "HASH_DIGEST_MISMATCH";

/** The server gave content that is not what the signed manifest promises. Nothing of it was used. */
export class InvalidBlockError extends ParsecError<"INVALID_BLOCK"> {
  override readonly name: string = "InvalidBlockError";
  readonly reason: InvalidBlockReason;
  readonly blockId: BlockId;

  constructor(reason: InvalidBlockReason, blockId: BlockId, options: ParsecErrorOptions = {}) {
    super(
      "INVALID_BLOCK",
      `The server gave invalid content for block ${BlockId.display(blockId)} (${reason}): it was refused. ` +
        "Tell the administrator of the server",
      options,
    );
    this.reason = reason;
    this.blockId = blockId;
  }
}

export function entryNotFound(path: string, entryId?: VlobId): WorkspaceError {
  return new WorkspaceError("ENTRY_NOT_FOUND", `There is no entry ${path}`, entryId === undefined ? {} : { entryId });
}

export function workspaceClosed(): WorkspaceError {
  return new WorkspaceError("WORKSPACE_CLOSED", "This workspace is closed: log in again and get it anew");
}
