import { requireBytes, requireNatural, requireText } from "@parsec/base";
import type { OrganizationId } from "@parsec/types";
import { Secret, TOTP } from "otpauth";
import { renderSVG, renderUnicodeCompact } from "uqr";

/** RFC 6238 as the server checks it: SHA-1, 6 digits, steps of 30 seconds (spec 06 §11.2). */
const parameters = { algorithm: "SHA1", digits: 6, period: 30 };

/** What authenticator applications show above the code. */
const issuer = "parsec.cloud";

/** The secret to be put into an authenticator application, in every form that those take. Show it once, keep it nowhere. */
export interface TotpSecret {
  /** To be typed: base32 without padding. */
  readonly base32: string;
  /** `otpauth://totp/…` */
  readonly uri: string;
  /** {@link uri} as a QR code, as an SVG document. */
  qrCodeSvg(): string;
  /** {@link uri} as a QR code, for a terminal: lines of half blocks. */
  qrCodeText(): string;
}

export function totpSecret(bytes: Uint8Array, organizationId: OrganizationId): TotpSecret {
  requireBytes("bytes", bytes);
  requireText("organizationId", organizationId, { filled: true });
  const secret = secretOf(bytes);
  const uri = new TOTP({ ...parameters, secret, issuer, label: organizationId }).toString();
  return {
    base32: secret.base32,
    uri,
    qrCodeSvg: () => renderSVG(uri),
    qrCodeText: () => renderUnicodeCompact(uri),
  };
}

/** The code that an authenticator application shows at `timestamp`, in microseconds. */
export function oneTimePassword(secret: Uint8Array, timestamp: number): string {
  requireBytes("secret", secret);
  requireNatural("timestamp", timestamp);
  return TOTP.generate({ ...parameters, secret: secretOf(secret), timestamp: timestamp / 1000 });
}

function secretOf(bytes: Uint8Array): Secret {
  return new Secret({ buffer: Uint8Array.from(bytes).buffer });
}
