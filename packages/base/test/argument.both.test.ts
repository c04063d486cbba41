import { describe, expect, it } from "vitest";
import {
  hasCode,
  requireArgument,
  requireBytes,
  requireFunction,
  requireNatural,
  requireObject,
  requireSignal,
  requireText,
} from "../src/index.ts";

const kinds: readonly (readonly [string, unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["a boolean", true],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["a fraction", 0.5],
  ["a negative number", -5],
  ["a number", 4711],
  ["a bigint", 1n],
  ["a symbol", Symbol("s3cret")],
  ["empty", ""],
  ["a string", "s3cret"],
  ["an array", ["s3cret"]],
  ["another object", { password: "s3cret" }],
  ["a function", () => "s3cret"],
];

describe("INVALID_ARGUMENT", () => {
  it.each(kinds)("names the argument and says that it is %s, never its value", (kind, value) => {
    const check = () => requireArgument("human.email", value, "an e-mail address", false);
    expect(check).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        name: "InvalidArgumentError",
        argument: "human.email",
        message: `human.email must be an e-mail address, and is ${kind}`,
      }),
    );
  });
});

/** The kinds, and a few more values, that a check lets pass. */
function accepted(check: (value: unknown) => void): readonly string[] {
  const more: typeof kinds = [
    ["bytes", new Uint8Array(2)],
    ["words", new Uint16Array(2)],
    ["a buffer", new ArrayBuffer(2)],
    ["zero", 0],
    ["2^53", 2 ** 53],
    ["a signal", new AbortController().signal],
  ];
  return [...kinds, ...more].flatMap(([kind, value]) => {
    try {
      check(value);
      return [kind];
    } catch (error) {
      expect(hasCode(error, "INVALID_ARGUMENT")).toBe(true);
      return [];
    }
  });
}

describe("the checks", () => {
  const objects = ["another object", "bytes", "words", "a buffer", "a signal"];

  it.each<[string, (value: unknown) => void, readonly string[]]>([
    ["a text", (value) => requireText("it", value), ["empty", "a string"]],
    ["a text that is not empty", (value) => requireText("it", value, { filled: true }), ["a string"]],
    ["bytes", (value) => requireBytes("it", value), ["bytes"]],
    ["a whole number", (value) => requireNatural("it", value), ["a number", "zero"]],
    ["one from 1 on", (value) => requireNatural("it", value, { min: 1 }), ["a number"]],
    ["one up to 4711", (value) => requireNatural("it", value, { max: 4711 }), ["a number", "zero"]],
    ["one up to 4710", (value) => requireNatural("it", value, { max: 4710 }), ["zero"]],
    ["an object", (value) => requireObject("it", value), objects],
    ["a function", (value) => requireFunction("it", value), ["a function"]],
    ["a signal", (value) => requireSignal("it", value), ["undefined", "a signal"]],
  ])("%s", (_name, check, expected) => {
    expect(accepted(check)).toEqual(expected);
  });

  it("say which numbers they take", () => {
    expect(() => requireNatural("offset", -5)).toThrow(
      "offset must be a whole number from 0, and is a negative number",
    );
    expect(() => requireNatural("port", 70_000, { min: 1, max: 65_535 })).toThrow("from 1 to 65535, and is a number");
  });
});
