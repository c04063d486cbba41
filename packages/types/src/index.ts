export { AccessToken, AccessTokenError, type AccessTokenKind } from "./access-token.ts";
export { ActiveUsersLimit, compareActiveUsersLimits } from "./active-users-limit.ts";
export * from "./address/index.ts";
export { ballparkClientEarlyOffset, ballparkClientLateOffset, isInBallpark } from "./ballpark.ts";
export { BlockAccess } from "./block-access.ts";
export type { Brand } from "./brand.ts";
export { CertificateSigner } from "./certificate-signer.ts";
export { ChunkView } from "./chunk-view.ts";
export * from "./codec/index.ts";
export { DeviceLabel, DeviceLabelError, redactedDeviceLabel } from "./device-label.ts";
export * from "./documents.ts";
export {
  EmailAddress,
  EmailAddressError,
  type EmailAddressKind,
  type EmailAddressParts,
  redactedDomain,
} from "./email-address.ts";
export { EntryName, EntryNameError, prefixAndSuffix } from "./entry-name.ts";
export {
  CancelledGreetingAttemptReason,
  EnumerationError,
  type EnumerationKind,
  GreeterOrClaimer,
  InvitationStatus,
  InvitationType,
  isProfileAtLeast,
  isRoleAtLeast,
  PkiEncryptionAlgorithm,
  PkiSignatureAlgorithm,
  RealmRole,
  UserProfile,
} from "./enumerations.ts";
export { FileManifestOrigin } from "./file-manifest-origin.ts";
export { FsPath, FsPathError, type FsPathParseError } from "./fs-path.ts";
export { HumanHandle, HumanHandleError, type HumanHandleKind, HumanLabel, isValidHumanLabel } from "./human-handle.ts";
export * from "./ids.ts";
export {
  HashDigestCodec,
  KeyDerivationCodec,
  PrivateKeyCodec,
  PublicKeyCodec,
  SecretKeyCodec,
  SequesterPublicKeyDerCodec,
  SequesterVerifyKeyDerCodec,
  ShamirShareCodec,
  SigningKeyCodec,
  VerifyKeyCodec,
} from "./keys.ts";
export { OrganizationId, OrganizationIdError } from "./organization-id.ts";
export { TrustedPasswordAlgorithm, UntrustedPasswordAlgorithm } from "./password-algorithm.ts";
export * from "./prevent-sync/index.ts";
export { RealmArchivingConfiguration } from "./realm-archiving-configuration.ts";
export { decodeWith, type TextKind, textKind } from "./text-kind.ts";
export { DateTime, DateTimeError, type DateTimeKind } from "./time.ts";
export type { UuidKind } from "./uuid.ts";
export { generateValidationCode, ValidationCode, ValidationCodeError } from "./validation-code.ts";
export {
  X509CertificateHash,
  X509CertificateHashError,
  X509CertificateReference,
  X509Pkcs11Uri,
  x509CertificateDigest,
  x509CertificateHash,
} from "./x509.ts";
