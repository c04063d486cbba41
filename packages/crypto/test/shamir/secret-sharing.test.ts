import { randomBytes, toHex } from "@parsec/base";
import { combineShares, ready, ShamirShare, splitSecret } from "@parsec/crypto";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { invert, multiply } from "../../src/shamir/gf256.ts";

beforeAll(() => ready());

test("every non-zero element has an inverse", () => {
  for (let a = 1; a < 256; a += 1) expect(multiply(a, invert(a))).toBe(1);
  expect(invert(0)).toBe(0);
});

test("any threshold of shares, in any order, gives the secret back", () => {
  const cases = fc
    .record({ secret: fc.uint8Array({ minLength: 1, maxLength: 120 }), shares: fc.integer({ min: 1, max: 12 }) })
    .chain(({ secret, shares }) =>
      fc.record({
        secret: fc.constant(secret),
        shares: fc.constant(shares),
        threshold: fc.integer({ min: 1, max: shares }),
        order: fc.shuffledSubarray(
          Array.from({ length: shares }, (_, i) => i),
          { minLength: shares },
        ),
      }),
    );
  fc.assert(
    fc.property(cases, ({ secret, shares, threshold, order }) => {
      const all = splitSecret(secret, threshold, shares);
      expect(all.map((share) => share.toBytes()[0])).toEqual(all.map((_, i) => i + 1));
      const some = order.slice(0, threshold).flatMap((i) => all.slice(i, i + 1));
      expect(toHex(combineShares(some, threshold))).toBe(toHex(secret));
      expect(toHex(combineShares([...all, ...some], threshold))).toBe(toHex(secret));
      if (threshold > 1) {
        expect(() => combineShares([...some.slice(1), ...some.slice(1)], threshold)).toThrow(
          expect.objectContaining({ code: "DECRYPTION" }),
        );
      }
    }),
  );
});

test("255 shares work", () => {
  const secret = randomBytes(8);
  expect(toHex(combineShares(splitSecret(secret, 255, 255), 255))).toBe(toHex(secret));
});

test("too few shares tell nothing about the secret", () => {
  // With one share of a threshold of two, every secret byte stays possible.
  const seen = new Set<number>();
  for (let i = 0; i < 4000; i += 1) {
    const [share] = splitSecret(Uint8Array.of(42), 2, 2);
    seen.add(share?.toBytes()[1] ?? -1);
  }
  expect(seen.size).toBe(256);
});

test.each([
  [0, 1],
  [2, 1],
  [1, 256],
  [1.5, 2],
  [1, Number.NaN],
])("a threshold of %d of %d is refused", (threshold, shares) => {
  expect(() => splitSecret(randomBytes(4), threshold, shares)).toThrow(
    expect.objectContaining({ code: "SHAMIR_PARAMETERS" }),
  );
});

test("an empty secret is refused", () => {
  expect(() => splitSecret(new Uint8Array(0), 1, 1)).toThrow(expect.objectContaining({ code: "SHAMIR_PARAMETERS" }));
});

test("shares that can't belong together are refused", () => {
  const share = (...bytes: number[]) => ShamirShare.fromBytes(Uint8Array.from(bytes));
  for (const shares of [
    [],
    [share(1, 2), share(1, 3)],
    [share(1, 2), share(2, 3, 4)],
    [share(0, 2), share(1, 3)],
    [share(1, 2), share(1, 2)],
  ]) {
    expect(() => combineShares(shares, 2)).toThrow(expect.objectContaining({ code: "DECRYPTION" }));
  }
});
