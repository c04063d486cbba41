import { concatBytes } from "@parsec/base";
import { derTag } from "./der.ts";

/** One DER value: tag, length in its shortest form, content. */
export function derValue(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const size = contents.reduce((sum, content) => sum + content.length, 0);
  return concatBytes(Uint8Array.of(tag, ...derLength(size)), ...contents);
}

/** A non-negative integer from its magnitude without leading zero. */
export function derInteger(magnitude: Uint8Array): Uint8Array<ArrayBuffer> {
  const sign = (magnitude[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0);
  return derValue(derTag.integer, sign, magnitude);
}

function derLength(size: number): number[] {
  if (size < 0x80) return [size];
  const bytes: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}
