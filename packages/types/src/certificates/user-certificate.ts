import { CertificateSigner } from "../certificate-signer.ts";
import { defaulted, type Infer, literals, nullable, tagged } from "../codec/index.ts";
import { UserProfile } from "../enumerations.ts";
import { HumanHandle } from "../human-handle.ts";
import { UserId } from "../ids.ts";
import { PublicKeyCodec } from "../keys.ts";
import { DateTime } from "../time.ts";

/**
 * Creates a user (spec 04 §2.1). `humanHandle` is null in the redacted form: show {@link shownHumanHandle} instead.
 * `profile` is the initial one.
 */
export const UserCertificate = /* @__PURE__ */ tagged("type", "user_certificate", {
  // The reference reads a missing author as root. Harmless: the signature must then be the root key's (spec 04 §12).
  author: /* @__PURE__ */ defaulted("required", CertificateSigner, null),
  timestamp: DateTime,
  userId: UserId,
  humanHandle: /* @__PURE__ */ nullable(HumanHandle),
  publicKey: PublicKeyCodec,
  algorithm: /* @__PURE__ */ literals(["X25519_XSALSA20_POLY1305"]),
  profile: UserProfile,
});
export type UserCertificate = Infer<typeof UserCertificate>;

/** The form that outsiders get, to be signed by the same author (spec 04 §2.3). */
export function redactedUserCertificate(certificate: UserCertificate): UserCertificate {
  return { ...certificate, humanHandle: null };
}

/** The handle, or the one that stands for it in a redacted certificate. */
export function shownHumanHandle(certificate: UserCertificate): HumanHandle {
  return certificate.humanHandle ?? HumanHandle.redacted(certificate.userId);
}
