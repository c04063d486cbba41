import { BugError } from "@parsec/base";
import type { AnyCertificate, DeviceCertificate, UserId } from "@parsec/types";
import type { CertificateView } from "../view.ts";
import type { Violation } from "./checks.ts";
import { validateDeviceCertificate } from "./device-certificate.ts";
import { validateRealmOwnerCertificate } from "./realm-owner-certificate.ts";
import { validateRealmRoleCertificate } from "./realm-role-certificate.ts";
import { validateRevokedUserCertificate } from "./revoked-user-certificate.ts";
import {
  validateSequesterAuthorityCertificate,
  validateSequesterRevokedServiceCertificate,
  validateSequesterServiceCertificate,
} from "./sequester-certificates.ts";
import { validateShamirRecoveryBriefCertificate } from "./shamir-recovery-brief-certificate.ts";
import { validateShamirRecoveryDeletionCertificate } from "./shamir-recovery-deletion-certificate.ts";
import { validateShamirRecoveryShareCertificate } from "./shamir-recovery-share-certificate.ts";
import { validateUserCertificate } from "./user-certificate.ts";
import { validateUserUpdateCertificate } from "./user-update-certificate.ts";

/**
 * The rule of spec 09a §4 that a genuine certificate breaks among those of `view`, if any.
 * `author` is `null` for what the root key or the sequester authority signed; `self` is the user of this device.
 */
export function validateCertificate(
  view: CertificateView,
  certificate: AnyCertificate,
  author: DeviceCertificate | null,
  self: UserId,
): Violation {
  switch (certificate.type) {
    case "user_certificate":
      return validateUserCertificate(view, certificate, author);
    case "device_certificate":
      return validateDeviceCertificate(view, certificate, author);
    case "sequester_authority_certificate":
      return validateSequesterAuthorityCertificate(view);
    case "sequester_service_certificate":
      return validateSequesterServiceCertificate(view, certificate);
    case "sequester_revoked_service_certificate":
      return validateSequesterRevokedServiceCertificate(view, certificate);
  }
  if (author === null) throw new BugError(`a ${certificate.type} was read without an author`);
  switch (certificate.type) {
    case "user_update_certificate":
      return validateUserUpdateCertificate(view, certificate, author);
    case "revoked_user_certificate":
      return validateRevokedUserCertificate(view, certificate, author);
    case "realm_role_certificate":
      return validateRealmRoleCertificate(view, certificate, author);
    case "realm_name_certificate":
    case "realm_key_rotation_certificate":
    case "realm_archiving_certificate":
      return validateRealmOwnerCertificate(view, certificate, author);
    case "shamir_recovery_brief_certificate":
      return validateShamirRecoveryBriefCertificate(view, certificate, author, self);
    case "shamir_recovery_share_certificate":
      return validateShamirRecoveryShareCertificate(view, certificate, author, self);
    case "shamir_recovery_deletion_certificate":
      return validateShamirRecoveryDeletionCertificate(view, certificate, author);
  }
}
