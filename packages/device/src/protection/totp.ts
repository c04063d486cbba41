import { requireMethods, requireObject, requireText } from "@parsec/base";
import { requireProtection } from "../arguments.ts";
import type { Protection, TotpKey } from "./protection.ts";

/**
 * The same protection with a second factor around it: the file opens only with the key that the server gives for a
 * one-time password (spec 06 §11). To change to a protection without it takes it away.
 */
export function withTotp(protection: Protection, totp: TotpKey): Protection {
  requireProtection("protection", protection);
  requireObject("totp", totp);
  requireText("totp.opaqueKeyId", totp.opaqueKeyId, { filled: true });
  requireMethods("totp.key", totp.key, "a secret key", "encrypt", "decrypt");
  return { ...protection, totp, offlineLogin: false };
}
