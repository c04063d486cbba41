import { ParsecAddr } from "../address/server-address.ts";
import { Bytes, type Infer, Str, tagged, taggedUnion } from "../codec/index.ts";
import { dump, load } from "../container.ts";
import { DeviceLabel } from "../device-label.ts";
import { PkiEncryptionAlgorithm } from "../enumerations.ts";
import { HumanHandle } from "../human-handle.ts";
import { AsyncEnrollmentId } from "../ids.ts";
import { OrganizationId } from "../organization-id.ts";
import { DateTime } from "../time.ts";
import { X509CertificateReference } from "../x509.ts";

/** What gives back the key of a pending enrollment: a smart card, or a secret store (spec 04 §9). */
export const AsyncEnrollmentLocalPendingIdentitySystem = /* @__PURE__ */ taggedUnion("type", {
  PKI: { encryptedKey: Bytes, certificateRef: X509CertificateReference, algorithm: PkiEncryptionAlgorithm },
  OPEN_BAO: { openbaoPreferredAuthId: Str, openbaoEntityId: Str, openbaoCiphertextKeyPath: Str },
});
export type AsyncEnrollmentLocalPendingIdentitySystem = Infer<typeof AsyncEnrollmentLocalPendingIdentitySystem>;

/** What a pending enrollment tells without any key. */
export const AsyncEnrollmentLocalPendingCleartextContent = /* @__PURE__ */ tagged(
  "type",
  "async_enrollment_local_pending_cleartext_content",
  {
    serverUrl: ParsecAddr,
    organizationId: OrganizationId,
    submittedOn: DateTime,
    enrollmentId: AsyncEnrollmentId,
    requestedDeviceLabel: DeviceLabel,
    requestedHumanHandle: HumanHandle,
    identitySystem: AsyncEnrollmentLocalPendingIdentitySystem,
  },
);
export type AsyncEnrollmentLocalPendingCleartextContent = Infer<typeof AsyncEnrollmentLocalPendingCleartextContent>;

/**
 * A submitted enrollment, kept until it is accepted: the clear content as bytes, and three secret boxes with one key:
 * the SHA-256 of those bytes, the signing key's seed, the private key (spec 04 §9).
 */
export const AsyncEnrollmentLocalPending = /* @__PURE__ */ tagged("type", "async_enrollment_local_pending", {
  cleartextContent: Bytes,
  ciphertextCleartextContentDigest: Bytes,
  ciphertextSigningKey: Bytes,
  ciphertextPrivateKey: Bytes,
});
export type AsyncEnrollmentLocalPending = Infer<typeof AsyncEnrollmentLocalPending>;

export function dumpAsyncEnrollmentLocalPending(pending: AsyncEnrollmentLocalPending): Uint8Array<ArrayBuffer> {
  return dump(AsyncEnrollmentLocalPending, pending);
}

/** @throws BadSerializationError */
export function loadAsyncEnrollmentLocalPending(bytes: Uint8Array): AsyncEnrollmentLocalPending {
  return load(AsyncEnrollmentLocalPending, bytes);
}

export function dumpAsyncEnrollmentCleartextContent(
  content: AsyncEnrollmentLocalPendingCleartextContent,
): Uint8Array<ArrayBuffer> {
  return dump(AsyncEnrollmentLocalPendingCleartextContent, content);
}

/** @throws BadSerializationError */
export function loadAsyncEnrollmentCleartextContent(bytes: Uint8Array): AsyncEnrollmentLocalPendingCleartextContent {
  return load(AsyncEnrollmentLocalPendingCleartextContent, bytes);
}
