import { ParsecError } from "@parsec/base";
import { AddressError, parseAddress, parseServerHttpUrl } from "@parsec/types";
import { describe, expect, it } from "vitest";
import { type AddressVector, computations, errorCode } from "./support/address-vectors.ts";
import file from "./vectors/addresses.json" with { type: "json" };

const vectors: readonly AddressVector[] = file.vectors;

interface ExpectedError {
  readonly ok: false;
  readonly error: string;
  readonly param?: string;
}

function isError(expected: object): expected is ExpectedError {
  return "ok" in expected && expected.ok === false;
}

function outcome(vector: AddressVector): object {
  const compute = computations[`${vector.kind} ${vector.op}`];
  if (compute === undefined) throw new Error(`nothing computes ${vector.kind} ${vector.op}`);
  return { ok: true, ...compute(String(vector.input), vector) };
}

/** The vectors do not always say all that can be computed. */
function pick(value: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)));
}

/** `expected` names an error of ours: the computation threw it, or gave it where the function answers `undefined`. */
function checkError(vector: AddressVector, expected: ExpectedError): void {
  let thrown: unknown;
  try {
    const given = outcome(vector);
    expect(given).toEqual(expected);
    return;
  } catch (error) {
    thrown = error;
  }
  if (!ParsecError.is(thrown)) throw thrown;
  expect(thrown.code).toBe(errorCode(vector, expected.error));
  if (expected.param !== undefined) {
    expect(thrown).toBeInstanceOf(AddressError);
    expect(thrown).toMatchObject({ param: expected.param });
  }
}

describe(`addresses.json: ${file.count} vectors`, () => {
  it("are 569, each with a computation", () => {
    console.log(`addresses.json: ${vectors.length} vectors`);
    expect(vectors).toHaveLength(569);
    expect(vectors.filter(({ kind, op }) => computations[`${kind} ${op}`] === undefined)).toEqual([]);
  });

  it.each(vectors)("$name ($kind $op)", (vector) => {
    if (isError(vector.expect)) checkError(vector, vector.expect);
    else expect(pick(outcome(vector), Object.keys(vector.expect))).toEqual(vector.expect);
  });
});

it("a wrong scheme is refused with those that would do", () => {
  const thrown = (parse: () => unknown): unknown => {
    try {
      return parse();
    } catch (error) {
      return error;
    }
  };
  expect(thrown(() => parseAddress("server", "http://parsec.test"))).toMatchObject({ expected: "parsec3" });
  expect(thrown(() => parseServerHttpUrl("parsec3://parsec.test"))).toMatchObject({ expected: "http(s)" });
});
