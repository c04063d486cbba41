import type { TaggedCodec } from "./codec/index.ts";
import { DataIntegrityError } from "./data-error.ts";

/**
 * The codec of a document with the rule that its fields must keep together (spec 04 §1.1): checked once the whole is
 * decoded, and before anything is written. `brokenRule` gives the text of the first broken rule.
 */
export function withIntegrity<D extends string, V extends string, T>(
  codec: TaggedCodec<D, V, T>,
  brokenRule: (value: T) => string | undefined,
): TaggedCodec<D, V, T> {
  const check = (value: T): T => {
    const rule = brokenRule(value);
    if (rule !== undefined) throw new DataIntegrityError(codec.value, rule);
    return value;
  };
  return {
    ...codec,
    encode: (writer, value) => codec.encode(writer, check(value)),
    decode: (reader) => check(codec.decode(reader)),
  };
}
