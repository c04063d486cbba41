import { ParsecError } from "@parsec/base";
import type { DateTime, DeviceId, VlobId } from "@parsec/types";

/** Which step of spec 09a §5.3 a keys bundle fails. */
export type KeysBundleDefect =
  | "CORRUPTED_ACCESS"
  | "DECRYPTION"
  | "CORRUPTED"
  | "NON_EXISTENT_AUTHOR"
  | "REALM_ID_MISMATCH"
  | "KEY_INDEX_MISMATCH"
  | "AUTHOR_MISMATCH";

/** Where the bundle comes from. */
export interface KeysBundleOrigin {
  readonly realmId: VlobId;
  readonly keyIndex: number;
  readonly author: DeviceId;
  readonly timestamp: DateTime;
}

/** The keys of a realm, as its owner gave them to the server, cannot be used by this device. */
export class InvalidKeysBundleError extends ParsecError<"INVALID_KEYS_BUNDLE"> {
  override readonly name: string = "InvalidKeysBundleError";
  readonly defect: KeysBundleDefect;
  readonly origin: KeysBundleOrigin;

  constructor(defect: KeysBundleDefect, origin: KeysBundleOrigin, options?: { readonly cause?: unknown }) {
    super(
      "INVALID_KEYS_BUNDLE",
      `The keys of the workspace are unusable (${defect.toLowerCase().replaceAll("_", " ")}): another owner must share it again`,
      options,
    );
    this.defect = defect;
    this.origin = origin;
  }
}
