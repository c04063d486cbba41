import { concatBytes, fromHex, toHex } from "@parsec/base";
import { bitLength, type RsaPublicNumbers } from "./rsa-key.ts";

const hashSize = 32;
const trailer = 0xbc;

/** SHA-256, as WebCrypto gives it. */
export type Digest = (data: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

/** Size in bytes of the encoded message of PSS: one less than the modulus when its bits are 8k + 1. */
export function pssEncodedSize(modulus: Uint8Array): number {
  return Math.ceil((bitLength(modulus) - 1) / 8);
}

/** The longest salt that fits; negative when the modulus is too small for PSS with SHA-256. */
export function maxSaltLength(modulus: Uint8Array): number {
  return pssEncodedSize(modulus) - hashSize - 2;
}

/**
 * The salt length of an RSA-PSS signature, read from the signature itself since WebCrypto wants to be told, or
 * `undefined` when the signature can't be one of this key. Only public numbers go through here; the verdict on the
 * signature is WebCrypto's.
 */
export async function pssSaltLength(
  { modulus, exponent }: RsaPublicNumbers,
  signature: Uint8Array,
  digest: Digest,
): Promise<number | undefined> {
  const n = toBigInt(modulus);
  const s = toBigInt(signature);
  const size = pssEncodedSize(modulus);
  if (signature.length !== modulus.length || s >= n || maxSaltLength(modulus) < 0) return undefined;
  const encoded = fromBigInt(modPow(s, toBigInt(exponent), n), size);
  if (encoded === undefined || encoded[size - 1] !== trailer) return undefined;

  const maskedBlock = encoded.subarray(0, size - hashSize - 1);
  const mask = await mgf1(encoded.subarray(size - hashSize - 1, size - 1), maskedBlock.length, digest);
  const block = maskedBlock.map((byte, i) => byte ^ (mask[i] ?? 0));
  const unusedBits = 8 * size - (bitLength(modulus) - 1);
  block[0] = (block[0] ?? 0) & (0xff >> unusedBits);
  const separator = block.findIndex((byte) => byte !== 0);
  return block[separator] === 1 ? block.length - separator - 1 : undefined;
}

/** Mask generation function 1 of PKCS#1. */
async function mgf1(seed: Uint8Array, size: number, digest: Digest): Promise<Uint8Array> {
  const counters = Array.from({ length: Math.ceil(size / hashSize) }, (_, counter) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, counter);
    return bytes;
  });
  const blocks = await Promise.all(counters.map((counter) => digest(concatBytes(seed, counter))));
  return concatBytes(...blocks).subarray(0, size);
}

function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let power = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * power) % modulus;
    power = (power * power) % modulus;
  }
  return result;
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x0${toHex(bytes)}`);
}

/** `undefined` when the number needs more than `size` bytes. */
function fromBigInt(value: bigint, size: number): Uint8Array<ArrayBuffer> | undefined {
  const hex = value.toString(16).padStart(2 * size, "0");
  return hex.length === 2 * size ? fromHex(hex) : undefined;
}
