import type { Codec, Infer, MapCodec, Simplify } from "./codec.ts";
import { DecodeError } from "./error.ts";
import type { Reader } from "./reader.ts";
import type { FieldSchema, Presence } from "./schema.ts";
import { encodedStr } from "./writer.ts";

/**
 * A field that may be missing in its own way (spec 02 §3). Made by {@link optional}, {@link nonRequired} and
 * {@link defaulted}.
 */
export interface Field<T, P extends Presence> {
  readonly presence: P;
  readonly codec: Codec<T>;
  /** What a missing key reads as; without it the property is then absent, or the key must be there. */
  readonly fallback?: T;
  /** True for the values that are written by leaving the key out. */
  isOmitted?(value: T): boolean;
}

/**
 * *introduced_in*: an older writer leaves the key out, and the property is then absent.
 * For an option type, wrap: `optional(nullable(T))` keeps "absent" and "none" apart.
 */
export function optional<T>(codec: Codec<T>): Field<T, "optional"> {
  return { presence: "optional", codec, isOmitted: (value) => value === undefined };
}

/** `NonRequiredOption<T>`: a missing key reads as null; always written. */
export function nonRequired<T>(codec: Codec<T | null>): Field<T | null, "nonRequired"> {
  return { presence: "nonRequired", codec, fallback: null };
}

/**
 * A missing key reads as `fallback`, so that the property is always there. It is written, unless `isOmitted` says
 * otherwise of its value. `presence` is the schema's word for the field.
 */
export function defaulted<T>(
  presence: Presence,
  codec: Codec<T>,
  fallback: T,
  isOmitted?: (value: T) => boolean,
): Field<T, Presence> {
  return { presence, codec, fallback, ...(isOmitted === undefined ? {} : { isOmitted }) };
}

/** Property name to codec. The wire name is the property name in snake_case. */
export type Fields = Readonly<Record<string, Codec<unknown> | Field<unknown, Presence>>>;

type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends { readonly presence: "optional" } ? K : never;
}[keyof F];
type FieldType<F> = F extends { readonly codec: infer C } ? Infer<C> : Infer<F>;

/** The static type of a struct with these fields. */
export type StructOf<F extends Fields> = Simplify<
  { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: FieldType<F[K]> } & {
    readonly [K in OptionalKeys<F>]?: FieldType<F[K]>;
  }
>;

/** A map with the keys in the order of declaration: documents, requests, and the map-like scalars. */
export function orderedStruct<const F extends Fields>(fields: F): MapCodec<StructOf<F>> {
  return buildStruct(compile(fields));
}

/** A map with the keys sorted by name: nested structs, union variants and replies. */
export function struct<const F extends Fields>(fields: F): MapCodec<StructOf<F>> {
  return buildStruct(compile(fields).sort((a, b) => (a.wire < b.wire ? -1 : 1)));
}

/** `keyIndex` to `key_index`. */
export function wireName(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** One field, ready to run. `key` is the encoded key, to recognise it without decoding. */
export interface CompiledField extends Field<unknown, Presence> {
  readonly property: string;
  readonly wire: string;
  readonly key: Uint8Array;
}

export function compile(fields: Fields): CompiledField[] {
  return Object.entries(fields).map(([property, field]) => {
    const wire = wireName(property);
    const compiled: Field<unknown, Presence> = "presence" in field ? field : { presence: "required", codec: field };
    return { ...compiled, property, wire, key: encodedStr(wire) };
  });
}

/** The struct codec of fields in writing order. `T` is the caller's word for the type that they make. */
export function buildStruct<T extends object>(fields: readonly CompiledField[]): MapCodec<T> {
  const indexes = new Map(fields.map((field, index) => [field.wire, index]));
  const isWritten = (field: CompiledField, value: object) =>
    field.isOmitted === undefined || !field.isOmitted(propertyOf(value, field.property));
  const codec: MapCodec<T> = {
    schema: { kind: "struct", fields: fields.map(fieldSchema) },
    countEntries: (value) => fields.reduce((count, field) => count + (isWritten(field, value) ? 1 : 0), 0),
    encodeEntries: (writer, value) => {
      for (const field of fields) {
        if (!isWritten(field, value)) continue;
        writer.raw(field.key);
        field.codec.encode(writer, propertyOf(value, field.property));
      }
    },
    encode: (writer, value) => {
      writer.mapHeader(codec.countEntries(value));
      codec.encodeEntries(writer, value);
    },
    decode: (reader) => {
      const isArray = reader.peek() === "array";
      reader.enter();
      const found = isArray ? readPositions(reader, fields) : readEntries(reader, fields, indexes);
      reader.leave();
      return assemble(fields, found) as T;
    },
  };
  return codec;
}

/** Marks a field that the bytes do not hold; `undefined` could not, a codec may decode to it. */
const missing = Symbol("missing");

function readEntries(
  reader: Reader,
  fields: readonly CompiledField[],
  indexes: ReadonlyMap<string, number>,
): unknown[] {
  const count = reader.mapHeader();
  const found = new Array<unknown>(fields.length).fill(missing);
  let next = 0;
  for (let i = 0; i < count; i += 1) {
    const expected = fields[next];
    const index = expected !== undefined && reader.consume(expected.key) ? next : indexes.get(reader.str());
    const field = index === undefined ? undefined : fields[index];
    if (index === undefined || field === undefined) {
      reader.skip();
      continue;
    }
    if (found[index] !== missing) throw new DecodeError(`the key ${field.wire} is repeated`);
    found[index] = readField(reader, field);
    next = index + 1;
  }
  return found;
}

/** The positional form, that old writers used: the fields in writing order. The last may be missing, if they may be. */
function readPositions(reader: Reader, fields: readonly CompiledField[]): unknown[] {
  const count = reader.arrayHeader();
  if (count > fields.length) throw new DecodeError(`expected ${fields.length} elements, got ${count}`);
  return fields.map((field, index) => (index < count ? readField(reader, field) : missing));
}

function readField(reader: Reader, field: CompiledField): unknown {
  try {
    return field.codec.decode(reader);
  } catch (error) {
    throw DecodeError.at(field.wire, error);
  }
}

function assemble(fields: readonly CompiledField[], found: readonly unknown[]): object {
  const value: Record<string, unknown> = {};
  fields.forEach((field, index) => {
    if (found[index] !== missing) value[field.property] = found[index];
    else if (field.fallback !== undefined) value[field.property] = field.fallback;
    else if (field.presence === "required") throw new DecodeError(`the key ${field.wire} is missing`);
  });
  return value;
}

function propertyOf(value: object, property: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[property];
}

function fieldSchema({ wire, presence, codec }: CompiledField): FieldSchema {
  return { name: wire, presence, type: codec.schema };
}
