import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { BugError, hasCode, ParsecError } from "../src/index.ts";

class SampleError extends ParsecError<"SAMPLE" | "OTHER"> {}

describe("ParsecError", () => {
  it("has a code, a message, a cause and the name of its class", () => {
    const cause = new Error("lower");
    const error = new SampleError("SAMPLE", "It failed: try again", { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: "SAMPLE", message: "It failed: try again", cause, name: "SampleError" });
    expectTypeOf(error.code).toEqualTypeOf<"SAMPLE" | "OTHER">();
  });

  it("has no cause unless one is given", () => {
    expect("cause" in new SampleError("SAMPLE", "It failed")).toBe(false);
  });

  it("is recognised across copies of the package", async () => {
    vi.resetModules();
    const copy = await import("../src/error.ts");
    const error = new copy.ParsecError("SAMPLE", "It failed");
    expect(error).not.toBeInstanceOf(ParsecError);
    expect(ParsecError.is(error)).toBe(true);
    expect(hasCode(error, "SAMPLE")).toBe(true);
  });

  it.each([new Error("other"), { code: "SAMPLE" }, null, undefined, "SAMPLE", 1])("%j is none", (value) => {
    expect(ParsecError.is(value)).toBe(false);
    expect(hasCode(value, "SAMPLE")).toBe(false);
  });

  it("shows its mark to no loop over its properties", () => {
    const error = new SampleError("SAMPLE", "It failed");
    expect(JSON.parse(JSON.stringify(error))).toEqual({ code: "SAMPLE", name: "SampleError" });
    expect(Object.getOwnPropertySymbols({ ...error })).toEqual([]);
  });
});

describe("hasCode", () => {
  it("asks for any of several codes", () => {
    const error: unknown = new SampleError("OTHER", "It failed");
    expect(hasCode(error, "SAMPLE", "OTHER")).toBe(true);
    expect(hasCode(error, "SAMPLE")).toBe(false);
  });
});

describe("BugError", () => {
  it("asks for a report", () => {
    const error = new BugError("Two roots");
    expect(error.code).toBe("BUG");
    expect(error.message).toBe("Two roots. This is a bug of the SDK: please report it");
  });
});
