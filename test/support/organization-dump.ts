import { readFileSync } from "node:fs";
import type { Dump } from "./loaded-dump.ts";

export * from "./loaded-dump.ts";

const vectors = new URL("../vectors/", import.meta.url);

/** A file of `test/vectors`; the caller knows what it holds. */
export function readVector<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, vectors), "utf8")) as T;
}

/** An organization of `test/vectors/organizations`. */
export function readDump(name: string): Dump {
  return readVector<Dump>(`organizations/${name}`);
}
