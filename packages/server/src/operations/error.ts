import { ParsecError } from "@parsec/base";

export type OperationErrorCode =
  | "ORGANIZATION_NOT_FOUND"
  | "ORGANIZATION_NOT_BOOTSTRAPPED"
  | "REALM_NOT_FOUND"
  /** The realm was deleted before. */
  | "REALM_DELETED"
  /** It has members, and no deletion is planned. */
  | "REALM_NOT_DELETABLE"
  /** Its deletion is planned for later. */
  | "DELETION_DATE_NOT_REACHED"
  /** So recent that clients may still write with an earlier date. */
  | "SNAPSHOT_TOO_RECENT"
  /** From before the realm was created. */
  | "SNAPSHOT_TOO_OLD"
  /** The file holds something else, or the export of something else. */
  | "EXPORT_OF_ANOTHER"
  /** Another process writes into the file. */
  | "EXPORT_IN_USE"
  /** The file cannot be written. */
  | "EXPORT_FAILED"
  /** The block store failed too often in a row. */
  | "BLOCKS_UNAVAILABLE";

/** What an operator asked for cannot be done, or not now. The message says what to do. */
export class OperationError extends ParsecError<OperationErrorCode> {
  override readonly name: string = "OperationError";
}
