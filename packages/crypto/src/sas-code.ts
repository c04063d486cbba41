import { concatBytes, requireBytes, requireMethods, requireNatural, requireText } from "@parsec/base";
import { backend } from "./backend/current.ts";
import { SasCodeError } from "./errors.ts";
import type { SecretKey } from "./keys/secret-key.ts";

declare const brand: unique symbol;

/** Four symbols that two humans compare during a greeting (spec 01 §9). */
export type SasCode = string & { readonly [brand]: "SasCode" };

/** No `I`, `O`, `0` or `1`: they look alike. */
const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const pattern = /^[A-HJ-NP-Z2-9]{4}$/;
const bits = 20;
const mask = (1 << bits) - 1;

export interface SasCodes {
  readonly claimerSas: SasCode;
  readonly greeterSas: SasCode;
}

/**
 * The codes of both sides, from both nonces and the shared secret key.
 * @throws CryptoNotReadyError
 */
export function generateSasCodes(claimerNonce: Uint8Array, greeterNonce: Uint8Array, sharedKey: SecretKey): SasCodes {
  requireBytes("claimerNonce", claimerNonce);
  requireBytes("greeterNonce", greeterNonce);
  requireMethods("sharedKey", sharedKey, "a SecretKey", "mac512");
  const mac = sharedKey.mac512(concatBytes(claimerNonce, greeterNonce));
  const view = new DataView(mac.buffer, mac.byteOffset);
  // The first 40 bits as one big-endian integer: its low 20 bits, then the next 20.
  const low32 = view.getUint32(1);
  const high = (view.getUint8(0) << 12) | (low32 >>> bits);
  return { claimerSas: sasCodeFromInteger(low32 & mask), greeterSas: sasCodeFromInteger(high) };
}

/**
 * The code of an integer from 0 to 2^20 - 1.
 * @throws SasCodeError
 */
export function sasCodeFromInteger(value: number): SasCode {
  if (!Number.isInteger(value) || value < 0 || value > mask) throw new SasCodeError();
  return [0, 5, 10, 15].map((shift) => alphabet.charAt((value >> shift) & 31)).join("") as SasCode;
}

/**
 * Upper case only, no surrounding space: an input field adapts what a human typed before it calls this.
 * @throws SasCodeError
 */
export function parseSasCode(text: string): SasCode {
  requireText("text", text);
  if (!pattern.test(text)) throw new SasCodeError();
  return text as SasCode;
}

/**
 * `size` codes to choose from, in random order: `right` exactly once, the others random. Empty for a size of 0.
 * @throws CryptoNotReadyError
 */
export function sasCandidates(right: SasCode, size: number): SasCode[] {
  requireNatural("size", size);
  if (size < 1) return [];
  const candidates: SasCode[] = [];
  while (candidates.length < size - 1) {
    const other = sasCodeFromInteger(randomInteger() & mask);
    if (other !== right) candidates.push(other);
  }
  candidates.splice(randomInteger() % size, 0, right);
  return candidates;
}

/** 32 random bits; against so small a size the bias of `%` does not matter. */
function randomInteger(): number {
  const bytes = backend().randomBytes(4);
  return new DataView(bytes.buffer).getUint32(0);
}
