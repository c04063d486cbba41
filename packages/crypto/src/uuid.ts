import { fromHex, requireText } from "@parsec/base";
import { UuidError } from "./errors.ts";

const hyphenated = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i;

/**
 * The 16 bytes, in network order, of 32 hex digits with or without the usual hyphens.
 * @throws UuidError
 */
export function uuidBytes(text: string): Uint8Array<ArrayBuffer> {
  requireText("uuid", text);
  const bytes = fromHex(text.replace(hyphenated, "$1$2$3$4$5"));
  if (bytes?.length !== 16) throw new UuidError();
  return bytes;
}
