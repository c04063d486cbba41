import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, equalBytes, fromHex, toHex, utf8 } from "../src/index.ts";

describe("hex", () => {
  it("is lower-case, two digits a byte", () => {
    expect(toHex(Uint8Array.of(0, 1, 0xab, 0xff))).toBe("0001abff");
  });

  it("reads either case", () => {
    expect(fromHex("00aBfF")).toEqual(Uint8Array.of(0, 0xab, 0xff));
    expect(fromHex("")).toEqual(new Uint8Array(0));
  });

  it.each(["0", "0g", "0x00", " 00", "00\n", "é0"])("refuses %j", (text) => {
    expect(fromHex(text)).toBeUndefined();
  });

  it("round trip", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(new Uint8Array(bytes));
      }),
    );
  });
});

describe("bytes", () => {
  it("are joined in order", () => {
    expect(concatBytes()).toEqual(new Uint8Array(0));
    expect(concatBytes(Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3))).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("are equal when length and content are", () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equalBytes(Uint8Array.of(2, 1), Uint8Array.of(1, 1))).toBe(false);
    expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false);
  });

  it("of a text are UTF-8", () => {
    expect(toHex(utf8("é€"))).toBe("c3a9e282ac");
  });
});
