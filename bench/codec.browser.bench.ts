import { describe, it } from "vitest";
import { decodingMeasure, documentMeasures } from "./codec-measures.ts";
import { compare } from "./compare.ts";

describe("documents", () => {
  it.each(documentMeasures())("$name", compare);
  it("decodes one of each within 1.3 times", () => compare(decodingMeasure()));
});
