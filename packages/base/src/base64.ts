import { requireBytes, requireText } from "./argument.ts";

/** Which base64 of RFC 4648: the standard alphabet or the URL-safe one, with or without `=` padding. */
export interface Base64Form {
  readonly urlSafe?: boolean;
  readonly padding?: boolean;
}

const standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const urlSafe = `${standard.slice(0, 62)}-_`;

/** Base64 text of the bytes; standard and padded unless told otherwise. */
export function toBase64(bytes: Uint8Array, form: Base64Form = {}): string {
  requireBytes("bytes", bytes);
  const alphabet = form.urlSafe === true ? urlSafe : standard;
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const symbols = Math.min(bytes.length - i, 3) + 1;
    for (let k = 0; k < symbols; k += 1) text += alphabet.charAt((group >> (18 - 6 * k)) & 63);
    if (form.padding !== false) text += "=".repeat(4 - symbols);
  }
  return text;
}

/**
 * The bytes of a base64 text of exactly that form, or `undefined`: no white space, no symbol of the other alphabet,
 * no missing or superfluous padding, no non-zero trailing bits.
 */
export function fromBase64(text: string, form: Base64Form = {}): Uint8Array<ArrayBuffer> | undefined {
  requireText("text", text);
  const padded = form.padding !== false;
  if (padded && text.length % 4 !== 0) return undefined;
  const body = padded ? text.replace(/={1,2}$/, "") : text;
  if (body.length % 4 === 1) return undefined;
  const alphabet = form.urlSafe === true ? urlSafe : standard;
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4));
  let bits = 0;
  let buffer = 0;
  let offset = 0;
  for (const symbol of body) {
    const value = alphabet.indexOf(symbol);
    if (value < 0) return undefined;
    buffer = ((buffer << 6) | value) & 0xfff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[offset] = (buffer >> bits) & 0xff;
      offset += 1;
    }
  }
  return (buffer & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}
