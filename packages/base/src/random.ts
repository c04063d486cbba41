import { requireNatural } from "./argument.ts";

/** Where random bytes that are not key material come from: ids, tokens, jitter. */
export interface RandomSource {
  /** `size` bytes, unpredictable. */
  bytes(size: number): Uint8Array<ArrayBuffer>;
  /** A float in [0, 1), for jitter. */
  unit(): number;
}

/** `getRandomValues` refuses more than this many bytes in one call. */
const maxPerCall = 65_536;

/** `size` bytes from the platform's CSPRNG. */
export function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  requireNatural("size", size);
  const bytes = new Uint8Array(size);
  for (let start = 0; start < size; start += maxPerCall) {
    crypto.getRandomValues(bytes.subarray(start, start + maxPerCall));
  }
  return bytes;
}

export const systemRandom: RandomSource = {
  bytes: randomBytes,
  unit: () => new DataView(randomBytes(4).buffer).getUint32(0) / 2 ** 32,
};
