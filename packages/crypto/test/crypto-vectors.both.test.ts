import { describe, expect, test } from "vitest";
import { onEveryBackend } from "./support/backends.ts";
import { checkVector, computations, vectors } from "./support/crypto-vectors.ts";
import { sequesterComputations } from "./support/sequester-vectors.ts";
import { serializedComputations } from "./support/serialized-vectors.ts";

describe("crypto.json", () => {
  const all = { ...computations, ...sequesterComputations, ...serializedComputations };

  test("has 107 entries and a computation for each", () => {
    console.log(`crypto.json: ${vectors.length} entries`);
    expect(vectors).toHaveLength(107);
    expect([...new Set(vectors.map(({ primitive }) => primitive))].sort()).toEqual(Object.keys(all).sort());
  });

  onEveryBackend(() => {
    for (const vector of vectors) {
      test(vector.name, async () => {
        const compute = all[vector.primitive];
        if (compute === undefined) throw new Error(`nothing computes ${vector.primitive}`);
        await checkVector(vector, compute);
      });
    }
  });
});
