import type { Codec } from "./codec.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/** The msgpack bytes of a value. */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  codec.encode(writer, value);
  return writer.finish();
}

/**
 * The value of msgpack bytes. Bytes after it are ignored, as the reference does (spec 02 §1.2).
 * @throws DecodeError
 */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  return codec.decode(new Reader(bytes));
}
