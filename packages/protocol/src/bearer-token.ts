import { equalBytes, fromBase64, requireMethods, requireNatural, requireText, toBase64, utf8 } from "@parsec/base";
import { type SecretKey, SignatureVerificationError, type SigningKey, type VerifyKey } from "@parsec/crypto";
import { AccessToken, AccountAuthMethodId, DateTime, DeviceId } from "@parsec/types";
import { tokenEarlyLimit, tokenLateLimit } from "./limits.ts";

/** A device or account token, parsed and not yet verified (spec 05 §3). */
export interface TimedToken<Id> {
  readonly id: Id;
  /** Whole seconds since the Unix epoch. */
  readonly seconds: number;
  /** The bytes that the signature or the MAC covers. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

export type DeviceToken = TimedToken<DeviceId>;
export type AccountToken = TimedToken<AccountAuthMethodId>;

const deviceLiteral = "PARSEC-SIGN-ED25519";
const accountLiteral = "PARSEC-MAC-BLAKE2B";
/** The end of year 9999: no calendar goes further. */
const latestSeconds = 253_402_300_799;

/**
 * The token of a device, good for some minutes around `now` (spec 05 §3.1).
 * @throws CryptoNotReadyError, InvalidArgumentError
 */
export function createDeviceToken(deviceId: DeviceId, signingKey: SigningKey, now: DateTime): string {
  requireMethods("signingKey", signingKey, "a SigningKey", "signDetached");
  return createTimedToken(deviceLiteral, deviceId, now, (signed) => signingKey.signDetached(signed));
}

/**
 * The token of an account's authentication method, good for some minutes around `now` (spec 05 §3.3).
 * @throws CryptoNotReadyError, InvalidArgumentError
 */
export function createAccountToken(authMethodId: AccountAuthMethodId, macKey: SecretKey, now: DateTime): string {
  requireMethods("macKey", macKey, "a SecretKey", "mac512");
  return createTimedToken(accountLiteral, authMethodId, now, (maced) => macKey.mac512(maced));
}

/** `undefined` for anything malformed, which is HTTP 401 (spec 05 §3.4). */
export function parseDeviceToken(text: string): DeviceToken | undefined {
  return parseTimedToken(deviceLiteral, DeviceId.parse, text);
}

/** `undefined` for anything malformed, which is HTTP 401 (spec 05 §3.4). */
export function parseAccountToken(text: string): AccountToken | undefined {
  return parseTimedToken(accountLiteral, AccountAuthMethodId.parse, text);
}

/**
 * True when the device's key made the token's signature; else HTTP 403.
 * @throws CryptoNotReadyError
 */
export function verifyDeviceToken(token: DeviceToken, verifyKey: VerifyKey): boolean {
  try {
    verifyKey.verifyDetached(token.signature, token.signed);
    return true;
  } catch (error) {
    if (error instanceof SignatureVerificationError) return false;
    throw error;
  }
}

/**
 * True when the method's key made the token's MAC; else HTTP 403.
 * @throws CryptoNotReadyError
 */
export function verifyAccountToken(token: AccountToken, macKey: SecretKey): boolean {
  return equalBytes(token.signature, macKey.mac512(token.signed));
}

/** True while the token is neither too old nor too early for a server at `now`; else HTTP 498 (spec 05 §3.4). */
export function isTokenTimely(token: TimedToken<unknown>, now: DateTime): boolean {
  const age = DateTime.toSeconds(now) - token.seconds;
  return -tokenEarlyLimit < age && age < tokenLateLimit;
}

/** 32 hex digits; `undefined` for anything else, which is HTTP 401 (spec 05 §3.2). */
export function parseInvitationToken(text: string): AccessToken | undefined {
  requireText("text", text);
  return /^[0-9a-fA-F]{32}$/.test(text) ? AccessToken.parse(text) : undefined;
}

/** The value of an `Authorization` header. An invitation's token is its hex digits. */
export function bearer(token: string): string {
  return `Bearer ${token}`;
}

/** The token of an `Authorization` header: two words, the first `Bearer` in any case. */
export function parseBearer(header: string): string | undefined {
  requireText("header", header);
  const [scheme, token, ...more] = header.trim().split(/\s+/);
  return scheme?.toLowerCase() === "bearer" && more.length === 0 ? token : undefined;
}

function createTimedToken(
  literal: string,
  id: string,
  now: DateTime,
  sign: (signed: Uint8Array) => Uint8Array,
): string {
  requireText("id", id, { filled: true });
  requireNatural("now", now, { min: Number.MIN_SAFE_INTEGER });
  const signed = `${literal}.${id}.${DateTime.toWholeSeconds(now)}`;
  return `${signed}.${toBase64(sign(utf8(signed)), { urlSafe: true })}`;
}

function parseTimedToken<Id>(
  literal: string,
  parseId: (text: string) => Id | undefined,
  text: string,
): TimedToken<Id> | undefined {
  requireText("text", text);
  const [found, idText, secondsText, signatureText, ...more] = text.split(".");
  if (found !== literal || idText === undefined || secondsText === undefined || signatureText === undefined) {
    return undefined;
  }
  if (more.length > 0 || !/^[+-]?\d+$/.test(secondsText)) return undefined;
  const id = parseId(idText);
  const seconds = Number(secondsText);
  const signature = fromBase64(signatureText, { urlSafe: true });
  if (id === undefined || Math.abs(seconds) > latestSeconds || signature === undefined) return undefined;
  return { id, seconds, signed: utf8(`${found}.${idText}.${secondsText}`), signature };
}
