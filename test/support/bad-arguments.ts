import { InvalidArgumentError } from "@parsec/base";
import { expect } from "vitest";

/** What is given for a parameter instead of the right thing. */
const spoiled = {
  /** An object with methods or fields of its own. */
  object: [undefined, null, 5, Number.NaN, true, "x", [], {}],
  /** Likewise, or an id as text. */
  deviceOrId: [undefined, null, 5, Number.NaN, true, "", [], {}],
  text: [undefined, null, 5, Number.NaN, true, [], {}],
  filledText: [undefined, null, 5, Number.NaN, true, "", [], {}],
  id: [undefined, null, 5, Number.NaN, true, "", "no id", [], {}],
  link: [undefined, null, 5, Number.NaN, true, [], {}],
  bytes: [undefined, null, 5, "x", [1, 2], {}, new Uint16Array(2)],
  natural: [undefined, null, "5", Number.NaN, Number.POSITIVE_INFINITY, -5, 0.5, {}],
  array: [undefined, null, 5, "x", {}],
  options: [null, 5, "x", [], { signal: 5 }, { signal: {} }],
  /** Another object that may be left out. */
  optional: [null, 5, "x", []],
} as const;

export interface Parameter {
  readonly name: string;
  readonly kind: keyof typeof spoiled;
  readonly value: unknown;
}

export const parameter = (kind: Parameter["kind"], name: string, value: unknown): Parameter => ({ name, kind, value });
export const options = parameter("options", "options", undefined);

type Callable = (...parameters: readonly unknown[]) => unknown;

/**
 * Calls with one parameter after the other spoiled in every way, and finds each refused as an argument of that name: by
 * a rejection when `how` is async, and by nothing else.
 */
export async function expectArgumentsChecked(
  how: "async" | "sync",
  call: Callable,
  parameters: readonly Parameter[],
): Promise<void> {
  for (const [index, { name, kind }] of parameters.entries()) {
    for (const bad of spoiled[kind]) {
      const given = parameters.map(({ value }, i) => (i === index ? bad : value));
      const error = await failure(how, call, given);
      expect(error, `${name}: ${String(JSON.stringify(bad))}`).toBeInstanceOf(InvalidArgumentError);
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", argument: expect.stringMatching(`^${name}\\b`) });
    }
  }
}

/** The same for a field of an object that is the parameter at `index`. */
export async function expectFieldChecked(
  call: Callable,
  given: readonly unknown[],
  index: number,
  { name, kind }: Omit<Parameter, "value">,
): Promise<void> {
  const path = name.split(".");
  for (const bad of spoiled[kind]) {
    const error = await failure(
      "async",
      call,
      given.map((value, i) => (i === index ? replaced(value, path, bad) : value)),
    );
    expect(error, `${name}: ${String(JSON.stringify(bad))}`).toMatchObject({
      code: "INVALID_ARGUMENT",
      argument: expect.stringMatching(`(^|\\.)${name}\\b`),
    });
  }
}

function replaced(value: unknown, [first = "", ...rest]: readonly string[], bad: unknown): unknown {
  if (typeof value !== "object" || value === null) throw new Error("not an object");
  const inner: unknown = Reflect.get(value, first);
  return { ...value, [first]: rest.length === 0 ? bad : replaced(inner, rest, bad) };
}

async function failure(how: "async" | "sync", call: Callable, given: readonly unknown[]): Promise<unknown> {
  if (how === "async") {
    const result = call(...given);
    expect(result).toBeInstanceOf(Promise);
    return Promise.resolve(result).then(
      () => undefined,
      (error: unknown) => error,
    );
  }
  try {
    call(...given);
    return undefined;
  } catch (error) {
    return error;
  }
}
