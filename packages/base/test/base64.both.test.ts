import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, toBase64, utf8 } from "../src/index.ts";

const forms = [{}, { padding: false }, { urlSafe: true }, { urlSafe: true, padding: false }] as const;

describe("base64", () => {
  // The test vectors of RFC 4648 §10.
  it.each([
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg=="],
    ["fooba", "Zm9vYmE="],
    ["foobar", "Zm9vYmFy"],
  ])("of %j is %j", (text, encoded) => {
    expect(toBase64(utf8(text))).toBe(encoded);
    expect(fromBase64(encoded)).toEqual(utf8(text));
    expect(toBase64(utf8(text), { padding: false })).toBe(encoded.replaceAll("=", ""));
  });

  it("has two alphabets", () => {
    const bytes = Uint8Array.of(0xfb, 0xff, 0xfe);
    expect(toBase64(bytes)).toBe("+//+");
    expect(toBase64(bytes, { urlSafe: true })).toBe("-__-");
    expect(fromBase64("-__-")).toBeUndefined();
    expect(fromBase64("+//+", { urlSafe: true })).toBeUndefined();
  });

  it.each(forms)("round trip in the form %j", (form) => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromBase64(toBase64(bytes, form), form)).toEqual(new Uint8Array(bytes));
      }),
    );
  });

  it.each([
    "Zg",
    "Zg=",
    "Zg===",
    "Z===",
    "=",
    "====",
    "Zh==",
    "Zm9=",
    "Zm9v\n",
    " Zm9v",
    "Zm 9v",
    "Zm9v====",
    "Zg==Zg==",
  ])("refuses %j", (text) => {
    expect(fromBase64(text)).toBeUndefined();
  });

  it.each(["Z", "Zg==", "Zm9vY", "Zh", "Zm9"])("refuses %j without padding", (text) => {
    expect(fromBase64(text, { padding: false })).toBeUndefined();
  });

  it("reads a text in one way alone: what it accepts, it writes", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."AQgwZ9+/="), maxLength: 9 }), (text) => {
        const bytes = fromBase64(text);
        if (bytes !== undefined) expect(toBase64(bytes)).toBe(text);
      }),
    );
  });
});
