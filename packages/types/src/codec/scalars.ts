import type { Codec } from "./codec.ts";
import { DecodeError } from "./error.ts";
import type { Reader } from "./reader.ts";
import { encodedStr, type Writer } from "./writer.ts";

/** A codec of one wire value, named as in the schema. */
export function scalar<T>(
  name: string,
  encode: (writer: Writer, value: T) => void,
  decode: (reader: Reader) => T,
): Codec<T> {
  return { schema: { kind: "scalar", name }, encode, decode };
}

/** The same codec under the name that the schema gives to it, when that is a scalar name for what we compose. */
export function named<C extends Codec<unknown>>(name: string, codec: C): C {
  return { ...codec, schema: { kind: "scalar", name } };
}

/** Another codec's value, parsed further on the way in. `parse` gives `undefined` for what it refuses. */
export function parsed<Wire, T>(
  name: string,
  wire: Codec<Wire>,
  parse: (value: Wire) => T | undefined,
  unparse: (value: T) => Wire,
): Codec<T> {
  return scalar<T>(
    name,
    (writer, value) => wire.encode(writer, unparse(value)),
    (reader) => {
      const value = parse(wire.decode(reader));
      if (value === undefined) throw new DecodeError(`not a valid ${name}`);
      return value;
    },
  );
}

/** The same codec, with one more rule that its values must keep. */
export function refined<T>(codec: Codec<T>, rule: string, keeps: (value: T) => boolean): Codec<T> {
  return {
    schema: codec.schema,
    encode: (writer, value) => codec.encode(writer, value),
    decode: (reader) => {
      const value = codec.decode(reader);
      if (!keeps(value)) throw new DecodeError(rule);
      return value;
    },
  };
}

/** An integer of `min`..`max`. Beyond 2^53−1 a value is refused, whatever `max` says: our numbers must be exact. */
export function integer(name: string, min: number, max: number): Codec<number> {
  return scalar<number>(
    name,
    (writer, value) => writer.int(value),
    (reader) => {
      const value = reader.int();
      if (typeof value !== "number") throw new DecodeError("the integer is beyond 2^53−1");
      if (value < min || value > max) throw new DecodeError(`expected an integer of ${min}..${max}`);
      return value;
    },
  );
}

const largest = Number.MAX_SAFE_INTEGER;

export const Bool = /* @__PURE__ */ scalar<boolean>(
  "Boolean",
  (writer, value) => writer.bool(value),
  (reader) => reader.bool(),
);
export const Str = /* @__PURE__ */ scalar<string>(
  "String",
  (writer, value) => writer.str(value),
  (reader) => reader.str(),
);
/** Bytes. Decoding gives a view on the input. */
export const Bytes = /* @__PURE__ */ scalar<Uint8Array>(
  "Bytes",
  (writer, value) => writer.bin(value),
  (reader) => reader.binOrInts(),
);
export const Float = /* @__PURE__ */ scalar<number>(
  "Float",
  (writer, value) => writer.float(value),
  (reader) => reader.float(),
);
export const Integer = /* @__PURE__ */ integer("Integer", -largest, largest);
export const Version = /* @__PURE__ */ integer("Version", 0, 0xffff_ffff);
export const Size = /* @__PURE__ */ integer("Size", 0, largest);
export const Index = /* @__PURE__ */ integer("Index", 0, largest);
export const NonZeroInteger = /* @__PURE__ */ integer("NonZeroInteger", 1, largest);
export const NonZeroU8 = /* @__PURE__ */ integer("NonZeroU8", 1, 255);
export const U32 = /* @__PURE__ */ integer("u32", 0, 0xffff_ffff);

/** A text out of a closed set. Give `name` when the schema names it as a scalar. */
export function literals<const Values extends readonly string[]>(values: Values, name?: string): Codec<Values[number]> {
  // Recognised by their bytes: no text is made of them.
  const known = values.map((value): { value: Values[number]; bytes: Uint8Array } => ({
    value,
    bytes: encodedStr(value),
  }));
  return {
    schema: name === undefined ? { kind: "literals", values } : { kind: "scalar", name },
    encode: (writer, value) => writer.str(value),
    decode: (reader) => {
      for (const { value, bytes } of known) if (reader.consume(bytes)) return value;
      // Still a known one with a longer header than it needs?
      const text = reader.strictStr();
      const found = known.find(({ value }) => value === text);
      if (found === undefined) throw new DecodeError("unknown value of an enumeration");
      return found.value;
    },
  };
}
