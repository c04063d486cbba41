import { requireArgument, requireBytes, requireText } from "@parsec/base";
import type { OrganizationId } from "@parsec/types";
import type { Secret } from "otpauth";

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

/** The forms of a secret. What makes codes and draws them is large and seldom needed: it is loaded here. */
export async function totpSecret(bytes: Uint8Array, organizationId: OrganizationId): Promise<TotpSecret> {
  requireBytes("bytes", bytes);
  requireText("organizationId", organizationId, { filled: true });
  const { TOTP } = await import("otpauth");
  const { renderSVG, renderUnicodeCompact } = await import("uqr");
  const secret = await secretOf(bytes);
  const uri = new TOTP({ ...parameters, secret, issuer, label: organizationId }).toString();
  return {
    base32: secret.base32,
    uri,
    qrCodeSvg: () => renderSVG(uri),
    qrCodeText: () => renderUnicodeCompact(uri),
  };
}

/** The code that an authenticator application shows at `timestamp`, in microseconds. */
export async function oneTimePassword(secret: Uint8Array, timestamp: number): Promise<string> {
  requireBytes("secret", secret);
  requireArgument(
    "timestamp",
    timestamp,
    "a date in microseconds from 0",
    Number.isInteger(timestamp) && timestamp >= 0,
  );
  const { TOTP } = await import("otpauth");
  return TOTP.generate({ ...parameters, secret: await secretOf(secret), timestamp: timestamp / 1000 });
}

async function secretOf(bytes: Uint8Array): Promise<Secret> {
  const { Secret } = await import("otpauth");
  return new Secret({ buffer: Uint8Array.from(bytes).buffer });
}
