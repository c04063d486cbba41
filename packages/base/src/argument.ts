import { ParsecError } from "./error.ts";

/**
 * A caller gave something else than what the types ask for: plain JavaScript, a wrong cast, a `NaN` from a computation.
 * Thrown before anything is done.
 */
export class InvalidArgumentError extends ParsecError<"INVALID_ARGUMENT"> {
  override readonly name: string = "InvalidArgumentError";
  /** The name of the argument, with those of the objects that it is in: `human.email`. */
  readonly argument: string;

  /** `expected` is a noun with its article, such as `a text`. The message says what kind of value came, never which. */
  constructor(argument: string, expected: string, value: unknown) {
    super("INVALID_ARGUMENT", `${argument} must be ${expected}, and is ${kindOf(value)}`);
    this.argument = argument;
  }
}

/** @throws InvalidArgumentError unless `isValid` */
export function requireArgument(argument: string, value: unknown, expected: string, isValid: boolean): asserts isValid {
  if (!isValid) throw new InvalidArgumentError(argument, expected, value);
}

/** @throws InvalidArgumentError unless it is a string; with `filled`, one that is not empty */
export function requireText(
  argument: string,
  value: unknown,
  options: { readonly filled?: boolean } = {},
): asserts value is string {
  const filled = options.filled === true;
  const isValid = typeof value === "string" && !(filled && value === "");
  requireArgument(argument, value, filled ? "a text that is not empty" : "a text", isValid);
}

/** @throws InvalidArgumentError unless it is a `Uint8Array`, which a `Buffer` is */
export function requireBytes(argument: string, value: unknown): asserts value is Uint8Array {
  requireArgument(argument, value, "a Uint8Array", value instanceof Uint8Array);
}

/** @throws InvalidArgumentError unless it is an integer from `min` (0 by default) to `max` (2^53 − 1 by default) */
export function requireNatural(
  argument: string,
  value: unknown,
  options: { readonly min?: number; readonly max?: number } = {},
): asserts value is number {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  const isValid = typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max;
  const upTo = max === Number.MAX_SAFE_INTEGER ? "" : ` to ${max}`;
  requireArgument(argument, value, `a whole number from ${min}${upTo}`, isValid);
}

/** @throws InvalidArgumentError unless it is an object, and neither `null` nor an array */
export function requireObject(argument: string, value: unknown): asserts value is object {
  requireArgument(argument, value, "an object", typeof value === "object" && value !== null && !Array.isArray(value));
}

/** @throws InvalidArgumentError unless it has these methods, as whatever implements a port does */
export function requireMethods(
  argument: string,
  value: unknown,
  expected: string,
  ...methods: readonly string[]
): void {
  const isValid =
    typeof value === "object" &&
    value !== null &&
    methods.every((method) => typeof Reflect.get(value, method) === "function");
  requireArgument(argument, value, expected, isValid);
}

/** @throws InvalidArgumentError unless it can be called */
export function requireFunction(argument: string, value: unknown): void {
  requireArgument(argument, value, "a function", typeof value === "function");
}

/** @throws InvalidArgumentError unless it is an `AbortSignal` or `undefined` */
export function requireSignal(argument: string, value: unknown): asserts value is AbortSignal | undefined {
  // Not `instanceof`: a page's signals are not of the same class as those of its frames.
  const isSignal = typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value;
  requireArgument(argument, value, "an AbortSignal", value === undefined || isSignal);
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null || value === "") return value === "" ? "empty" : `${value}`;
  if (typeof value === "number") return Number.isFinite(value) ? numberKind(value) : `${value}`;
  if (typeof value !== "object") return typeof value === "function" ? "a function" : `a ${typeof value}`;
  // Its class may come from elsewhere, and be a getter that throws.
  return Array.isArray(value) ? "an array" : "another object";
}

function numberKind(value: number): string {
  if (!Number.isInteger(value)) return "a fraction";
  return value < 0 ? "a negative number" : "a number";
}
