import { expect } from "vitest";

/** `toEqual` compares large arrays byte by byte. */
export function expectSame(found: Uint8Array, expected: Uint8Array): void {
  expect(found.length).toBe(expected.length);
  expect(Buffer.compare(found, expected)).toBe(0);
}

/** The code of what it rejects with. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return "no error";
  } catch (error) {
    return Reflect.get(Object(error), "code") ?? error;
  }
}
