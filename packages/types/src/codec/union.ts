import type { Infer, MapCodec, Simplify } from "./codec.ts";
import { DecodeError } from "./error.ts";
import type { Reader } from "./reader.ts";
import { literals } from "./scalars.ts";
import type { VariantSchema } from "./schema.ts";
import { buildStruct, compile, type Fields, type StructOf, wireName } from "./struct.ts";

/** A variant: its fields, or (a `unit`) a whole map codec whose keys stand in the same map. */
export type Variant = Fields | MapCodec<unknown>;

type VariantOf<V> = V extends MapCodec<unknown> ? Infer<V> : V extends Fields ? StructOf<V> : never;

/** The static type of a union: one object type per variant, told apart by the property `D`. */
export type UnionOf<D extends string, Variants extends Readonly<Record<string, Variant>>> = {
  [K in keyof Variants]: Simplify<{ readonly [P in D]: K } & VariantOf<Variants[K]>>;
}[keyof Variants];

/** A codec of several maps told apart by a key, with the codec of each variant within reach. */
export interface UnionCodec<T> extends MapCodec<T> {
  /** The wire values of the discriminant. */
  readonly values: ReadonlySet<string>;
  /** Reads the discriminant of the map that comes next, and stays before that map. */
  peekDiscriminant(reader: Reader): string;
}

/** A map whose key `discriminant` (a property name) says which variant's fields stand beside it. */
export function taggedUnion<const D extends string, const Variants extends Readonly<Record<string, Variant>>>(
  discriminant: D,
  variants: Variants,
): UnionCodec<UnionOf<D, Variants>> {
  type T = UnionOf<D, Variants>;
  const tag = wireName(discriminant);
  const codecs = new Map(
    Object.entries(variants).map(([value, variant]) => [value, buildVariant(discriminant, value, variant)]),
  );
  const codecOf = (value: string): BuiltVariant => {
    const codec = codecs.get(value);
    if (codec === undefined) throw new DecodeError(`unknown value of the key ${tag}`);
    return codec;
  };
  const codecFor = (value: T) => codecOf(String((value as Readonly<Record<string, unknown>>)[discriminant])).codec;
  return {
    schema: {
      kind: "union",
      discriminant: tag,
      variants: [...codecs].map(([value, { type }]): VariantSchema => ({ value, type })),
    },
    values: new Set(codecs.keys()),
    peekDiscriminant: (reader) => peekDiscriminant(reader, tag),
    countEntries: (value) => codecFor(value).countEntries(value),
    encodeEntries: (writer, value) => codecFor(value).encodeEntries(writer, value),
    encode: (writer, value) => codecFor(value).encode(writer, value),
    decode: (reader) => codecOf(peekDiscriminant(reader, tag)).codec.decode(reader) as T,
  };
}

interface BuiltVariant {
  readonly codec: MapCodec<unknown>;
  readonly type: VariantSchema["type"];
}

function buildVariant(discriminant: string, value: string, variant: Variant): BuiltVariant {
  const tag = compile({ [discriminant]: literals([value]) });
  if (isMapCodec(variant)) return { codec: withTag(discriminant, value, variant), type: variant.schema };
  const fields = compile(variant).sort((a, b) => (a.wire < b.wire ? -1 : 1));
  return { codec: buildStruct<object>([...tag, ...fields]), type: buildStruct(fields).schema };
}

/** The map of `inner` with one more key. Reading needs no care for it: `inner` ignores keys that it does not know. */
function withTag(discriminant: string, value: string, inner: MapCodec<unknown>): MapCodec<unknown> {
  const tag = buildStruct<object>(compile({ [discriminant]: literals([value]) }));
  const tagValue = { [discriminant]: value };
  const codec: MapCodec<unknown> = {
    schema: inner.schema,
    countEntries: (whole) => 1 + inner.countEntries(whole),
    encodeEntries: (writer, whole) => {
      tag.encodeEntries(writer, tagValue);
      inner.encodeEntries(writer, whole);
    },
    encode: (writer, whole) => {
      writer.mapHeader(codec.countEntries(whole));
      codec.encodeEntries(writer, whole);
    },
    decode: (reader) => Object.assign({ [discriminant]: value }, inner.decode(reader)),
  };
  return codec;
}

function isMapCodec(variant: Variant): variant is MapCodec<unknown> {
  return typeof variant["decode"] === "function";
}

/** Reads the discriminant of the map that comes next, and stays before that map. */
export function peekDiscriminant(reader: Reader, tag: string): string {
  const start = reader.offset;
  const value = reader.peek() === "array" ? firstElement(reader, tag) : valueOfKey(reader, tag);
  reader.seek(start);
  return value;
}

function firstElement(reader: Reader, tag: string): string {
  if (reader.arrayHeader() === 0) throw new DecodeError(`the key ${tag} is missing`);
  return reader.strictStr();
}

function valueOfKey(reader: Reader, tag: string): string {
  const count = reader.mapHeader();
  for (let i = 0; i < count; i += 1) {
    if (reader.str() === tag) return DecodeError.within(tag, () => reader.strictStr());
    reader.skip();
  }
  throw new DecodeError(`the key ${tag} is missing`);
}
