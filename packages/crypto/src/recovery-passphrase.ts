/** RFC 4648 base32. */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Unpadded base32 in groups of four joined by `-` (spec 01 §3). */
export function encodeRecoveryPassphrase(bytes: Uint8Array): string {
  return toBase32(bytes).replace(/.{4}(?=.)/g, "$&-");
}

/**
 * What a human typed: case is free, `0` and `1` stand for `O` and `I`, every other foreign character is dropped.
 * Text that is not base32 gives no bytes at all, as in the reference: the caller then reports a size of 0.
 */
export function decodeRecoveryPassphrase(text: string): Uint8Array<ArrayBuffer> {
  let symbols = "";
  for (const character of text) {
    const upper = character >= "a" && character <= "z" ? character.toUpperCase() : character;
    if (upper === "0") symbols += "O";
    else if (upper === "1") symbols += "I";
    else if (alphabet.includes(upper)) symbols += upper;
  }
  return fromBase32(symbols) ?? new Uint8Array(0);
}

function toBase32(bytes: Uint8Array): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet.charAt((buffer >> bits) & 31);
    }
  }
  return bits === 0 ? text : text + alphabet.charAt((buffer << (5 - bits)) & 31);
}

/** `undefined` for a length that no number of bytes has, or non-zero bits after the last byte. */
function fromBase32(symbols: string): Uint8Array<ArrayBuffer> | undefined {
  if ([1, 3, 6].includes(symbols.length % 8)) return undefined;
  const bytes = new Uint8Array(Math.floor((symbols.length * 5) / 8));
  let buffer = 0;
  let bits = 0;
  let offset = 0;
  for (const symbol of symbols) {
    buffer = ((buffer << 5) | alphabet.indexOf(symbol)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[offset] = (buffer >> bits) & 0xff;
      offset += 1;
    }
  }
  return (buffer & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}
