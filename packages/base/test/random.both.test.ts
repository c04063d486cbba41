import { describe, expect, it } from "vitest";
import { randomBytes, systemRandom, toHex } from "../src/index.ts";

describe("random bytes", () => {
  it("come in any number, more than one call of the platform gives included", () => {
    expect(randomBytes(0)).toHaveLength(0);
    const bytes = randomBytes(70_000);
    expect(bytes).toHaveLength(70_000);
    expect(bytes.subarray(65_536).some((byte) => byte !== 0)).toBe(true);
  });

  it("differ from call to call", () => {
    expect(toHex(systemRandom.bytes(16))).not.toBe(toHex(systemRandom.bytes(16)));
  });

  it("make floats of [0, 1)", () => {
    const units = Array.from({ length: 100 }, () => systemRandom.unit());
    expect(units.every((unit) => unit >= 0 && unit < 1)).toBe(true);
    expect(new Set(units).size).toBeGreaterThan(90);
  });
});
