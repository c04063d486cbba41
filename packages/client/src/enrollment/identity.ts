import type { Protection } from "@parsec/device";
import type { DateTime, EmailAddress, HumanHandle, PkiSignatureAlgorithm } from "@parsec/types";

/** The third party that vouches for both sides of an enrollment: certificates, or single sign-on. */
export type IdentitySystem = "PKI" | "OPEN_BAO";

/** The signature of a payload, of either side. */
export type PayloadSignature =
  | {
      readonly type: "PKI";
      readonly signature: Uint8Array;
      readonly algorithm: PkiSignatureAlgorithm;
      /** DER of the signer's certificate, then of those between it and a root, which is left out. */
      readonly certificate: Uint8Array;
      readonly intermediates: readonly Uint8Array[];
    }
  | { readonly type: "OPEN_BAO"; readonly signature: string; readonly entityId: string };

export interface IdentityOptions {
  /** Now, by the clock of the SDK. */
  readonly at: DateTime;
  readonly signal?: AbortSignal | undefined;
}

export interface VerifyOptions extends IdentityOptions {
  /** The author must have this address. */
  readonly expectedEmail?: EmailAddress | undefined;
}

/**
 * Who somebody is for a third party, on either side of an enrollment: see `x509Identity` and `openBaoIdentity`.
 * (spec 09b §7.2)
 */
export interface EnrollmentIdentity {
  readonly type: IdentitySystem;
  /** Keeps the keys of an enrollment until it is accepted. */
  readonly protection: Protection;
  /** Who asks to enroll: one e-mail address that the third party knows, and a name. */
  humanHandle(): Promise<HumanHandle>;
  /** @throws EnrollmentError OWN_CERTIFICATE_UNUSABLE; OpenBaoError */
  sign(payload: Uint8Array, options: IdentityOptions): Promise<PayloadSignature>;
  /**
   * Whether a signature of the same system is genuine, and its author trusted.
   * @throws EnrollmentError UNTRUSTED_SIGNATURE, OWN_CERTIFICATE_UNUSABLE; OpenBaoError
   */
  verify(payload: Uint8Array, signature: PayloadSignature, options: VerifyOptions): Promise<void>;
}
