import { requireArgument, requireBytes, requireNatural } from "@parsec/base";
import { backend } from "../backend/current.ts";
import { DecryptionError, ShamirParametersError } from "../errors.ts";
import { bytesOf } from "../keys/opaque-bytes.ts";
import { evaluate, invert, multiply } from "./gf256.ts";
import { ShamirShare } from "./share.ts";

/** A byte numbers the shares, and 0 is the secret's own place. */
const maxShares = 255;

/**
 * Splits a secret in `shares` shares, any `threshold` of which give it back; fewer tell nothing but its length.
 * Shares are numbered 1, 2, 3…
 * @throws ShamirParametersError unless 1 <= threshold <= shares <= 255 and the secret is not empty
 * @throws CryptoNotReadyError
 */
export function splitSecret(secret: Uint8Array, threshold: number, shares: number): ShamirShare[] {
  requireBytes("secret", secret);
  if (!isCount(threshold) || !isCount(shares) || threshold > shares) {
    throw new ShamirParametersError("A secret is split with 1 <= threshold <= shares <= 255");
  }
  if (secret.length === 0) throw new ShamirParametersError("An empty secret can't be split");
  const coefficients = backend().randomBytes(secret.length * (threshold - 1));
  try {
    return Array.from({ length: shares }, (_, i) => dealShare(secret, coefficients, i + 1));
  } finally {
    coefficients.fill(0);
  }
}

/**
 * Share number `x`. `coefficients` holds, for each byte of the secret, those of its polynomial, the highest degree
 * first, without the constant, which is the secret's byte.
 */
export function dealShare(secret: Uint8Array, coefficients: Uint8Array, x: number): ShamirShare {
  const degree = coefficients.length / secret.length;
  const bytes = new Uint8Array(1 + secret.length);
  bytes[0] = x;
  secret.forEach((constant, k) => {
    const own = coefficients.subarray(k * degree, (k + 1) * degree);
    bytes[1 + k] = multiply(evaluate(own, x), x) ^ constant;
  });
  const share = ShamirShare.fromBytes(bytes);
  bytes.fill(0);
  return share;
}

/**
 * The secret of these shares, all of which are used. Wrong shares of the right form give wrong bytes: only what is
 * inside can tell.
 * @throws DecryptionError when there are fewer than `threshold` different shares, or shares that cannot belong together
 *   (other lengths, the same number with other bytes, the number 0)
 */
export function combineShares(shares: readonly ShamirShare[], threshold: number): Uint8Array<ArrayBuffer> {
  requireArgument("shares", shares, "an array of ShamirShare", Array.isArray(shares));
  requireNatural("threshold", threshold);
  const points = distinctPoints(shares);
  const numbers = [...points.keys()];
  const first = points.values().next().value;
  if (first === undefined || numbers.length < threshold) throw new DecryptionError();
  const secret = new Uint8Array(first.length - 1);
  for (const [x, share] of points) {
    if (share.length !== first.length) throw new DecryptionError();
    const weight = weightAtZero(x, numbers);
    for (let k = 0; k < secret.length; k += 1) secret[k] = (secret[k] ?? 0) ^ multiply(share[1 + k] ?? 0, weight);
  }
  return secret;
}

function distinctPoints(shares: readonly ShamirShare[]): Map<number, Uint8Array> {
  const points = new Map<number, ShamirShare>();
  for (const share of shares) {
    const x = bytesOf(share)[0] ?? 0;
    const same = points.get(x);
    if (x === 0 || (same !== undefined && !same.equals(share))) throw new DecryptionError();
    points.set(x, share);
  }
  return new Map([...points].map(([x, share]) => [x, bytesOf(share)]));
}

/** Lagrange: the product of x_j / (x_j - x) over the other shares; subtraction is XOR. */
function weightAtZero(x: number, numbers: readonly number[]): number {
  return numbers
    .filter((other) => other !== x)
    .reduce((weight, other) => multiply(weight, multiply(other, invert(other ^ x))), 1);
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= maxShares;
}
