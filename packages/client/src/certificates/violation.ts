import { ParsecError } from "@parsec/base";
import type { DateTime, RealmRole, UserId, UserProfile } from "@parsec/types";

/** The rule of spec 09a §4 that a certificate breaks, with the facts that show it. */
export type CertificateViolation =
  | { readonly rule: "CORRUPTED"; readonly error: unknown }
  | { readonly rule: "NON_EXISTING_AUTHOR" }
  | { readonly rule: "OLDER_THAN_AUTHOR"; readonly authorCreatedOn: DateTime }
  | { readonly rule: "SELF_SIGNED" }
  | { readonly rule: "REVOKED_AUTHOR"; readonly authorRevokedOn: DateTime }
  | { readonly rule: "AUTHOR_NOT_ADMIN"; readonly authorProfile: UserProfile }
  | { readonly rule: "CONTENT_ALREADY_EXISTS" }
  | { readonly rule: "INVALID_TIMESTAMP"; readonly lastCertificateTimestamp: DateTime }
  | { readonly rule: "ROOT_SIGNATURE_OUT_OF_BOOTSTRAP" }
  | { readonly rule: "ROOT_SIGNATURE_TIMESTAMP_MISMATCH"; readonly lastRootSignatureTimestamp: DateTime }
  | { readonly rule: "NOT_A_SEQUESTERED_ORGANIZATION" }
  | { readonly rule: "SEQUESTER_AUTHORITY_MUST_BE_FIRST" }
  | { readonly rule: "NON_EXISTING_RELATED_USER" }
  | { readonly rule: "OLDER_THAN_RELATED_USER"; readonly userCreatedOn: DateTime }
  | { readonly rule: "RELATED_USER_ALREADY_REVOKED"; readonly userRevokedOn: DateTime }
  | { readonly rule: "RELATED_SEQUESTER_SERVICE_ALREADY_REVOKED"; readonly serviceRevokedOn: DateTime }
  | { readonly rule: "USER_FIRST_DEVICE_AUTHOR_MISMATCH" }
  | { readonly rule: "USER_FIRST_DEVICE_TIMESTAMP_MISMATCH"; readonly userTimestamp: DateTime }
  | { readonly rule: "REALM_FIRST_ROLE_MUST_BE_SELF_SIGNED" }
  | { readonly rule: "REALM_FIRST_CERTIFICATE_MUST_BE_ROLE" }
  | { readonly rule: "REALM_FIRST_ROLE_MUST_BE_OWNER" }
  | { readonly rule: "REALM_SELF_PROMOTION_HIGHER_ACTIVE_ROLE_ALREADY_EXISTS" }
  | { readonly rule: "REALM_SELF_PROMOTION_ROLE_MUST_BE_OWNER" }
  | { readonly rule: "REALM_AUTHOR_HAS_NO_ROLE" }
  | { readonly rule: "REALM_AUTHOR_NOT_OWNER"; readonly authorRole: RealmRole }
  | { readonly rule: "REALM_AUTHOR_NOT_OWNER_OR_MANAGER"; readonly authorRole: RealmRole }
  | { readonly rule: "REALM_OUTSIDER_CANNOT_BE_OWNER_OR_MANAGER" }
  | { readonly rule: "SHAMIR_RECOVERY_ALREADY_SETUP" }
  | { readonly rule: "SHAMIR_RECOVERY_SELF_AMONG_RECIPIENTS" }
  | { readonly rule: "SHAMIR_RECOVERY_MISSING_SHARE" }
  | { readonly rule: "SHAMIR_RECOVERY_UNRELATED_TO_US" }
  | { readonly rule: "SHAMIR_RECOVERY_DELETION_MUST_REFERENCE_LAST_SETUP" }
  | { readonly rule: "SHAMIR_RECOVERY_DELETION_RECIPIENTS_MISMATCH"; readonly setupRecipients: readonly UserId[] }
  | { readonly rule: "SHAMIR_RECOVERY_ALREADY_DELETED"; readonly deletedOn: DateTime }
  | { readonly rule: "SHAMIR_RECOVERY_MISSING_BRIEF_CERTIFICATE" }
  | { readonly rule: "SHAMIR_RECOVERY_NOT_ABOUT_SELF" };

/** A certificate that a server gave breaks a rule: nothing of that reply was kept. */
export class InvalidCertificateError extends ParsecError<"INVALID_CERTIFICATE"> {
  override readonly name: string = "InvalidCertificateError";
  readonly violation: CertificateViolation;
  /** Type of the certificate, `unknown` when it could not even be read. */
  readonly certificateType: string;

  constructor(violation: CertificateViolation, certificateType: string) {
    super(
      "INVALID_CERTIFICATE",
      `the server gave an invalid ${certificateType}: ${violation.rule.toLowerCase().replaceAll("_", " ")}. ` +
        "Nothing of its reply was kept; tell the administrator of the organization",
      { cause: violation.rule === "CORRUPTED" ? violation.error : undefined },
    );
    this.violation = violation;
    this.certificateType = certificateType;
  }
}
