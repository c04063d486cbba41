import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteCollector, concatBytes, equalBytes, fromHex, toHex, utf8 } from "../src/index.ts";

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

describe("ByteCollector", () => {
  it("gives what was added, in order, whatever the sizes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), (parts) => {
        const collected = new ByteCollector();
        const copies = parts.map((part) => new Uint8Array(part));
        for (const part of parts) collected.add(part);
        expect(collected.size).toBe(concatBytes(...copies).length);
        expect(new Uint8Array(collected.bytes())).toEqual(concatBytes(...copies));
        // Nobody's part was written to.
        expect(parts.map((part) => new Uint8Array(part))).toEqual(copies);
      }),
    );
  });

  it("does not copy what comes in one part", () => {
    const part = Uint8Array.of(1, 2, 3);
    const collected = new ByteCollector();
    collected.add(new Uint8Array());
    collected.add(part);
    expect(collected.bytes()).toBe(part);
  });

  it("takes a million parts of one byte in little more room than they need", () => {
    const collected = new ByteCollector();
    for (let k = 0; k < 1_000_000; k += 1) collected.add(Uint8Array.of(k % 251));
    const bytes = collected.bytes();
    expect(bytes.length).toBe(1_000_000);
    expect(bytes.buffer.byteLength).toBeLessThan(2_100_000);
    expect(bytes[999_999]).toBe(999_999 % 251);
  });
});
