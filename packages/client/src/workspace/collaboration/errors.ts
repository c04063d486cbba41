import { ParsecError, type ParsecErrorOptions } from "@parsec/base";
import { type DateTime, type DeviceId, VlobId } from "@parsec/types";
import type { InvalidManifestReason } from "../errors.ts";

/** The server gave keys of an editing session that no honest member can have registered. */
export class InvalidEditingSessionError extends ParsecError<"INVALID_EDITING_SESSION"> {
  override readonly name: string = "InvalidEditingSessionError";
  /** As for a manifest. */
  readonly reason: InvalidManifestReason;
  readonly documentId: VlobId;
  readonly author: DeviceId;
  readonly timestamp: DateTime;

  constructor(
    reason: InvalidManifestReason,
    session: { readonly documentId: VlobId; readonly author: DeviceId; readonly timestamp: DateTime },
    options: ParsecErrorOptions = {},
  ) {
    super(
      "INVALID_EDITING_SESSION",
      `The server gave invalid keys for the editing session of ${VlobId.display(session.documentId)} (${reason}): ` +
        "they were refused. Tell the administrator of the server",
      options,
    );
    this.reason = reason;
    this.documentId = session.documentId;
    this.author = session.author;
    this.timestamp = session.timestamp;
  }
}
