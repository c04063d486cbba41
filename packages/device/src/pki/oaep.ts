import { concatBytes, equalBytes } from "@parsec/base";

// RSAES-OAEP decoding (RFC 8017 §7.1.2) for tokens that only do the raw RSA operation, or OAEP with SHA-1. SHA-256,
// MGF1 with SHA-256, empty label. A wrong ciphertext is refused without telling which part of it was wrong.

const hashSize = 32;

/** The message in an encoded block of the size of the modulus; `undefined` when it is not one. */
export async function decodeOaep(block: Uint8Array): Promise<Uint8Array | undefined> {
  if (block.length < 2 * hashSize + 2) return undefined;
  const maskedSeed = block.subarray(1, 1 + hashSize);
  const maskedData = block.subarray(1 + hashSize);
  const seed = xor(maskedSeed, await mask(maskedData, hashSize));
  const data = xor(maskedData, await mask(seed, maskedData.length));
  const labelHash = await digest(new Uint8Array(0));
  const isLabel = equalBytes(data.subarray(0, hashSize), labelHash);
  const separator = data.findIndex((byte, index) => index >= hashSize && byte !== 0);
  const isPadded = separator >= 0 && data[separator] === 1;
  return isLabel && isPadded && block[0] === 0 ? data.slice(separator + 1) : undefined;
}

/** MGF1 with SHA-256. */
async function mask(seed: Uint8Array, size: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let counter = 0; counter * hashSize < size; counter += 1) {
    const suffix = new Uint8Array(4);
    new DataView(suffix.buffer).setUint32(0, counter);
    parts.push(await digest(concatBytes(seed, suffix)));
  }
  return concatBytes(...parts).subarray(0, size);
}

async function digest(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Uint8Array.from(a, (byte, index) => byte ^ (b[index] ?? 0));
}
