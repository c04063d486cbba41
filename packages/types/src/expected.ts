import { UnexpectedValueError, type UnexpectedValues } from "./data-error.ts";
import type { DeviceId } from "./ids.ts";

/**
 * Compares a value of a genuine document with the one that was asked for (spec 02 §5). `undefined` expects nothing.
 * @throws UnexpectedValueError
 */
export function expectValue<Code extends keyof UnexpectedValues>(
  code: Code,
  expected: UnexpectedValues[Code] | undefined,
  got: UnexpectedValues[Code],
): void {
  if (expected !== undefined && expected !== got) throw new UnexpectedValueError(code, expected, got);
}

/**
 * The author rule of spec 04 §1.4. An expected root (`null`) accepts any author: in that case only the root key's
 * signature protects.
 * @throws UnexpectedValueError of code `UNEXPECTED_AUTHOR`
 */
export function expectAuthor(expected: DeviceId | null, got: DeviceId | null): void {
  if (expected !== null) expectValue("UNEXPECTED_AUTHOR", expected, got);
}
