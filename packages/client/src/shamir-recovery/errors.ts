import type { AuthoringError, ClientError } from "../errors.ts";

/** What {@link setUpRecovery} may throw. */
export type SetUpRecoveryError =
  | AuthoringError
  | ClientError<
      | "RECIPIENT_IS_SELF"
      | "RECIPIENT_NOT_FOUND"
      | "RECIPIENT_REVOKED"
      | "RECOVERY_ALREADY_SET_UP"
      | "THRESHOLD_TOO_HIGH"
      | "TOO_MANY_SHARES"
    >;

/** What {@link recoveryShare} may throw. */
export type RecoveryShareError = ClientError<
  "RECOVERY_DELETED" | "RECOVERY_NOT_FOUND" | "RECOVERY_SHARE_CORRUPTED" | "RECOVERY_UNUSABLE"
>;
