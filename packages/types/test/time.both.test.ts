import { fromHex, SettableClock, toHex } from "@parsec/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DateTime, DateTimeError, decode, encode, isInBallpark } from "../src/index.ts";
import { dateTime } from "./support/arbitraries.ts";

const invalid = expect.objectContaining({ code: "INVALID_DATE_TIME" });
const load = (hex: string) => decode(DateTime, fromHex(hex) ?? new Uint8Array());

describe("DateTime", () => {
  it("is an extension of type 1 with a signed integer", () => {
    const time = DateTime.fromMicros(1_638_618_643_208_820);
    expect(toHex(encode(DateTime, time))).toBe("d7010005d250a2269a74");
    expect(DateTime.formatRfc3339(time)).toBe("2021-12-04T11:50:43.208820Z");
    expect(load("d701ffffffffffffffff")).toBe(-1);
  });

  it("takes a longer header, no other type and no other size", () => {
    expect(load("c708010005d250a2269a74")).toBe(1_638_618_643_208_820);
    for (const hex of [
      "d7020005d250a2269a74",
      "d6010005d250",
      "c709010005d250a2269a7400",
      "cf0005d250a2269a74",
      "d701",
    ]) {
      expect(() => load(hex)).toThrow(expect.objectContaining({ code: "DECODE_FAILED" }));
    }
  });

  it("ends where the calendar of the reference ends", () => {
    const limits = { first: -8_334_601_228_800_000_000n, last: 8_210_266_876_799_999_999n };
    const encoded = (micros: bigint) => `d701${BigInt.asUintN(64, micros).toString(16).padStart(16, "0")}`;
    expect(load(encoded(limits.first))).toBe(Number(limits.first));
    expect(() => load(encoded(limits.first - 1n))).toThrow("out of range");
    expect(() => load(encoded(limits.last + 1n))).toThrow("out of range");
    // Within the calendar, but between two numbers: refused, since rounding would change what was signed.
    expect(() => load(encoded(limits.last))).toThrow("not exact");
    expect(() => load(encoded(2n ** 53n + 1n))).toThrow("not exact");
  });

  it("is made of microseconds without their fraction", () => {
    expect(DateTime.fromMicros(1.9)).toBe(1);
    expect(Object.is(DateTime.fromMicros(-0.5), 0)).toBe(true);
    for (const micros of [Number.NaN, Number.POSITIVE_INFINITY, 1e19, -1e19]) {
      expect(() => DateTime.fromMicros(micros)).toThrow(DateTimeError);
    }
  });

  it("becomes seconds and back", () => {
    expect(DateTime.fromSeconds(1.9999999)).toBe(1_999_999);
    expect(DateTime.toSeconds(DateTime.fromMicros(1_500_000))).toBe(1.5);
    expect(DateTime.toWholeSeconds(DateTime.fromMicros(1_999_999))).toBe(1);
    expect(DateTime.toWholeSeconds(DateTime.fromMicros(-1))).toBe(-1);
    fc.assert(
      fc.property(fc.integer({ min: -2e15, max: 4e15 }).map(DateTime.fromMicros), (time) => {
        expect(DateTime.fromSeconds(DateTime.toSeconds(time))).toBe(time);
      }),
    );
  });

  it("tells the time of a clock", () => {
    expect(DateTime.now(new SettableClock(42))).toBe(42);
  });

  it("is read back from RFC 3339", () => {
    const withinFourDigits = dateTime.filter((time) => time > -62_135_596_800e6 && time < 253_402_300_800e6);
    fc.assert(
      fc.property(withinFourDigits, (time) => {
        expect(DateTime.parseRfc3339(DateTime.formatRfc3339(time))).toBe(time);
      }),
    );
  });

  it.each([
    ["2000-02-29T00:00:00Z", 951_782_400_000_000],
    ["2000-01-01t00:00:00z", 946_684_800_000_000],
    ["2000-01-01 00:00:00Z", 946_684_800_000_000],
    ["0001-01-01T00:00:00Z", -62_135_596_800_000_000],
    ["1999-12-31T23:59:59.9999999-00:00", 946_684_799_999_999],
  ])("reads %s", (text, micros) => {
    expect(DateTime.parseRfc3339(text)).toBe(micros);
  });

  it.each([
    "2001-02-29T00:00:00Z",
    "2000-13-01T00:00:00Z",
    "2000-00-01T00:00:00Z",
    "2000-01-32T00:00:00Z",
    "2000-01-01T24:00:00Z",
    "2000-01-01T00:60:00Z",
    "2000-01-01T00:00:60Z",
    "2000-01-01T00:00:00+00:60",
    "2000-01-01T00:00:00.Z",
    "2000-01-01T00:00:00Z ",
    "9999-01-01T00:00:00.000001Z",
  ])("refuses %s", (text) => {
    expect(() => DateTime.parseRfc3339(text)).toThrow(invalid);
  });
});

describe("the ballpark", () => {
  const server = DateTime.fromMicros(1e15);
  const isIn = (secondsLate: number) => isInBallpark(DateTime.fromMicros(1e15 - secondsLate * 1e6), server);

  it("has both bounds excluded", () => {
    expect([-300, -299.999999, 0, 319.999999, 320].map(isIn)).toEqual([false, true, true, true, false]);
  });
});
