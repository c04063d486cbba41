import { ParsecError } from "@parsec/base";
import type { RealmRole, DateTime, UserId, UserProfile } from "@parsec/types";

/** The rule of spec 09a §4 that a certificate breaks, with the facts that show it. */
export type CertificateViolation =
  | { readonly rule: "corrupted"; readonly error: unknown }
  | { readonly rule: "non_existing_author" }
  | { readonly rule: "older_than_author"; readonly authorCreatedOn: DateTime }
  | { readonly rule: "self_signed" }
  | { readonly rule: "revoked_author"; readonly authorRevokedOn: DateTime }
  | { readonly rule: "author_not_admin"; readonly authorProfile: UserProfile }
  | { readonly rule: "content_already_exists" }
  | { readonly rule: "invalid_timestamp"; readonly lastCertificateTimestamp: DateTime }
  | { readonly rule: "root_signature_out_of_bootstrap" }
  | { readonly rule: "root_signature_timestamp_mismatch"; readonly lastRootSignatureTimestamp: DateTime }
  | { readonly rule: "not_a_sequestered_organization" }
  | { readonly rule: "sequester_authority_must_be_first" }
  | { readonly rule: "non_existing_related_user" }
  | { readonly rule: "older_than_related_user"; readonly userCreatedOn: DateTime }
  | { readonly rule: "related_user_already_revoked"; readonly userRevokedOn: DateTime }
  | { readonly rule: "related_sequester_service_already_revoked"; readonly serviceRevokedOn: DateTime }
  | { readonly rule: "user_first_device_author_mismatch" }
  | { readonly rule: "user_first_device_timestamp_mismatch"; readonly userTimestamp: DateTime }
  | { readonly rule: "realm_first_role_must_be_self_signed" }
  | { readonly rule: "realm_first_certificate_must_be_role" }
  | { readonly rule: "realm_first_role_must_be_owner" }
  | { readonly rule: "realm_self_promotion_higher_active_role_already_exists" }
  | { readonly rule: "realm_self_promotion_role_must_be_owner" }
  | { readonly rule: "realm_author_has_no_role" }
  | { readonly rule: "realm_author_not_owner"; readonly authorRole: RealmRole }
  | { readonly rule: "realm_author_not_owner_or_manager"; readonly authorRole: RealmRole }
  | { readonly rule: "realm_outsider_cannot_be_owner_or_manager" }
  | { readonly rule: "shamir_recovery_already_setup" }
  | { readonly rule: "shamir_recovery_self_among_recipients" }
  | { readonly rule: "shamir_recovery_missing_share" }
  | { readonly rule: "shamir_recovery_unrelated_to_us" }
  | { readonly rule: "shamir_recovery_deletion_must_reference_last_setup" }
  | { readonly rule: "shamir_recovery_deletion_recipients_mismatch"; readonly setupRecipients: readonly UserId[] }
  | { readonly rule: "shamir_recovery_already_deleted"; readonly deletedOn: DateTime }
  | { readonly rule: "shamir_recovery_missing_brief_certificate" }
  | { readonly rule: "shamir_recovery_not_about_self" };

/** A certificate that a server gave breaks a rule: nothing of that reply was kept. */
export class InvalidCertificateError extends ParsecError<"INVALID_CERTIFICATE"> {
  readonly violation: CertificateViolation;
  /** Type of the certificate, `unknown` when it could not even be read. */
  readonly certificateType: string;

  constructor(violation: CertificateViolation, certificateType: string) {
    super(
      "INVALID_CERTIFICATE",
      `the server gave an invalid ${certificateType}: ${violation.rule.replaceAll("_", " ")}. ` +
        "Nothing of its reply was kept; tell the administrator of the organization",
      { cause: violation.rule === "corrupted" ? violation.error : undefined },
    );
    this.violation = violation;
    this.certificateType = certificateType;
  }
}
