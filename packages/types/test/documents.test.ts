import { ready } from "@parsec/crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import * as t from "../src/index.ts";
import { documentArbitrary } from "./support/document-arbitraries.ts";
import { documents } from "./support/documents.ts";
import { plain } from "./support/plain.ts";

beforeAll(() => ready());

describe.each(Object.entries(documents))("%s", (_type, codec) => {
  it("loads what was dumped, for generated values", () => {
    fc.assert(
      fc.property(documentArbitrary(codec), (value) => {
        const dumped = t.dump(codec, value);
        const loaded = t.load(codec, dumped);
        expect(Object.keys(loaded).sort()).toEqual(Object.keys(value).sort());
        // Keys print nothing and compare as equal: what they hold is compared as bytes.
        expect(t.dump(codec, loaded)).toEqual(dumped);
        expect(plain(t.encode(codec, loaded))).toEqual(plain(t.encode(codec, value)));
      }),
      { numRuns: 40 },
    );
  });
});
