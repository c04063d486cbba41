import { readFileSync } from "node:fs";

/** A file of `test/vectors`. The caller says what it holds. */
export function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../../test/vectors/${name}`, import.meta.url), "utf8")) as T;
}
