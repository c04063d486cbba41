import type { Codec, Infer, MapCodec, Simplify } from "./codec.ts";
import { DecodeError } from "./error.ts";
import { literals } from "./scalars.ts";
import { buildStruct, compile, type Fields, type StructOf } from "./struct.ts";
import { peekDiscriminant } from "./union.ts";

/** A map that begins with a key of a fixed value: a document (`type`) or a request (`cmd`). */
export interface TaggedCodec<D extends string, V extends string, T> extends MapCodec<T> {
  readonly discriminant: D;
  readonly value: V;
}

/** The key `discriminant` with its fixed value, then the fields in the order of declaration. */
export function tagged<const D extends string, const V extends string, const F extends Fields>(
  discriminant: D,
  value: V,
  fields: F,
): TaggedCodec<D, V, Simplify<{ readonly [P in D]: V } & StructOf<F>>> {
  type T = Simplify<{ readonly [P in D]: V } & StructOf<F>>;
  const all = compile({ [discriminant]: literals([value]), ...fields });
  return { ...buildStruct<T & object>(all), discriminant, value };
}

/** One out of several tagged maps, told apart by their fixed key. */
export function oneOf<const Codecs extends readonly TaggedCodec<string, string, unknown>[]>(
  ...codecs: Codecs
): Codec<Infer<Codecs[number]>> {
  const byValue = new Map(codecs.map((codec) => [codec.value, codec]));
  const discriminant = codecs[0]?.discriminant ?? "type";
  const codecOf = (value: string) => {
    const codec = byValue.get(value);
    if (codec === undefined) throw new DecodeError(`unknown value of the key ${discriminant}`);
    return codec;
  };
  return {
    schema: {
      kind: "union",
      discriminant,
      variants: codecs.map((codec) => ({ value: codec.value, type: codec.schema })),
    },
    encode: (writer, value) => {
      codecOf(String((value as Readonly<Record<string, unknown>>)[discriminant])).encode(writer, value);
    },
    decode: (reader) => codecOf(peekDiscriminant(reader, discriminant)).decode(reader) as Infer<Codecs[number]>,
  };
}
