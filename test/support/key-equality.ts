import { toHex } from "@parsec/base";
import { expect } from "vitest";

interface Opaque {
  toBytes(): Uint8Array;
  destroy(): void;
}

/** By shape, so that a test that uses no key loads no crypto. */
function isOpaque(value: unknown): value is Opaque {
  return (
    typeof value === "object" &&
    value !== null &&
    "toBytes" in value &&
    typeof value.toBytes === "function" &&
    "destroy" in value &&
    typeof value.destroy === "function"
  );
}

/** Makes `toEqual` and its kin compare keys by type and bytes. */
expect.addEqualityTesters([
  (a: unknown, b: unknown) => {
    if (!isOpaque(a) && !isOpaque(b)) return undefined;
    if (!isOpaque(a) || !isOpaque(b)) return false;
    return a.constructor === b.constructor && toHex(a.toBytes()) === toHex(b.toBytes());
  },
]);
