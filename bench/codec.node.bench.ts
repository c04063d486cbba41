import { describe, it } from "vitest";
import { compare } from "./compare.ts";
import { importNatively } from "./native.ts";

// Bundled, as users run it: the module runner of vitest makes every use of an import slower, but not that of the peer.
const measures = await importNatively<typeof import("./codec-measures.ts")>("codec-measures.ts");

describe("documents", () => {
  it.each(measures.documentMeasures())("$name", compare);
  it("decodes one of each within 1.3 times", () => compare(measures.decodingMeasure()));
});
