import type { Protection, TotpKey } from "./protection.ts";

/**
 * The same protection with a second factor around it: the file opens only with the key that the server gives for a
 * one-time password (spec 06 §11). To change to a protection without it takes it away.
 */
export function withTotp(protection: Protection, totp: TotpKey): Protection {
  return { ...protection, totp, offlineLogin: false };
}
