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

describe("names that mean something to JavaScript", () => {
  it.each(["__proto__", "constructor", "prototype", "toString"])("%s is an entry name like any other", (text) => {
    const id = t.VlobId.generate();
    const children = new Map([[t.EntryName.parse(text), id]]);
    const base = t.newLocalFolderManifest(t.DeviceId.generate(), t.VlobId.generate(), t.DateTime.fromMicros(1));
    const manifest = { ...base, children };
    expect(t.load(t.LocalFolderManifest, t.dump(t.LocalFolderManifest, manifest))).toEqual(manifest);
    expect(plain(t.encode(t.LocalFolderManifest, manifest))).toMatchObject({
      children: Object.fromEntries([[text, id]]),
    });
  });
});
