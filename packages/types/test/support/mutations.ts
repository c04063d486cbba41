import fc from "fast-check";

/** Damage to valid bytes: a bit flipped, the end cut off, a byte put in or changed, a length inflated. */
export function mutated(source: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return source.chain((bytes) => {
    const at = fc.nat({ max: Math.max(0, bytes.length - 1) });
    return fc.oneof(
      fc.tuple(at, fc.nat({ max: 7 })).map(([i, bit]) => replaced(bytes, i, (bytes[i] ?? 0) ^ (1 << bit))),
      fc.tuple(at, fc.nat({ max: 255 })).map(([i, byte]) => replaced(bytes, i, byte)),
      fc.tuple(at, fc.constantFrom(0xc6, 0xdb, 0xdd, 0xdf)).map(([i, byte]) => replaced(bytes, i, byte)),
      at.map((size) => bytes.slice(0, size)),
      fc.tuple(at, fc.nat({ max: 255 })).map(([i, byte]) => {
        return Uint8Array.of(...bytes.subarray(0, i), byte, ...bytes.subarray(i));
      }),
    );
  });
}

function replaced(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = byte;
  return copy;
}
