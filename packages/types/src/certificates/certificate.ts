import { type Infer, oneOf } from "../codec/index.ts";
import { SequesterAuthorityCertificate } from "../sequester/sequester-authority-certificate.ts";
import { SequesterRevokedServiceCertificate } from "../sequester/sequester-revoked-service-certificate.ts";
import { SequesterServiceCertificate } from "../sequester/sequester-service-certificate.ts";
import { ShamirRecoveryBriefCertificate } from "../shamir/shamir-recovery-brief-certificate.ts";
import { ShamirRecoveryDeletionCertificate } from "../shamir/shamir-recovery-deletion-certificate.ts";
import { ShamirRecoveryShareCertificate } from "../shamir/shamir-recovery-share-certificate.ts";
import { DeviceCertificate } from "./device-certificate.ts";
import { RealmArchivingCertificate } from "./realm-archiving-certificate.ts";
import { RealmKeyRotationCertificate } from "./realm-key-rotation-certificate.ts";
import { RealmNameCertificate } from "./realm-name-certificate.ts";
import { RealmRoleCertificate } from "./realm-role-certificate.ts";
import { RevokedUserCertificate } from "./revoked-user-certificate.ts";
import { UserCertificate } from "./user-certificate.ts";
import { UserUpdateCertificate } from "./user-update-certificate.ts";

// The unions of spec 04 §1.2, told apart by `type`.

const common = [UserCertificate, DeviceCertificate, UserUpdateCertificate, RevokedUserCertificate] as const;
const realm = [
  RealmRoleCertificate,
  RealmNameCertificate,
  RealmKeyRotationCertificate,
  RealmArchivingCertificate,
] as const;
const shamir = [
  ShamirRecoveryBriefCertificate,
  ShamirRecoveryShareCertificate,
  ShamirRecoveryDeletionCertificate,
] as const;
const sequesterServices = [SequesterServiceCertificate, SequesterRevokedServiceCertificate] as const;

/** The certificates about users and devices, that everybody sees. */
export const CommonCertificate = /* @__PURE__ */ oneOf(...common);
export type CommonCertificate = Infer<typeof CommonCertificate>;

/** The certificates about one realm. */
export const RealmCertificate = /* @__PURE__ */ oneOf(...realm);
export type RealmCertificate = Infer<typeof RealmCertificate>;

export const ShamirRecoveryCertificate = /* @__PURE__ */ oneOf(...shamir);
export type ShamirRecoveryCertificate = Infer<typeof ShamirRecoveryCertificate>;

/** The sequester certificates that the authority's RSA key signs. */
export const SequesterServicesCertificate = /* @__PURE__ */ oneOf(...sequesterServices);
export type SequesterServicesCertificate = Infer<typeof SequesterServicesCertificate>;

export type SequesterCertificate = SequesterAuthorityCertificate | SequesterServicesCertificate;

/** Every certificate that an Ed25519 key signs: all but those of the sequester services. */
export const SignedCertificate = /* @__PURE__ */ oneOf(...common, ...realm, ...shamir, SequesterAuthorityCertificate);
export type SignedCertificate = Infer<typeof SignedCertificate>;

export type AnyCertificate = SignedCertificate | SequesterServicesCertificate;
