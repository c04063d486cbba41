import type { Codec, Infer, MapCodec, Simplify } from "./codec.ts";
import { DecodeError } from "./error.ts";
import type { Reader } from "./reader.ts";
import type { FieldSchema, Presence, Schema } from "./schema.ts";
import { encodedStr, type Writer } from "./writer.ts";

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

/**
 * One field, ready to run. `key` is the encoded key, to recognise it without decoding. All have the same shape, and the
 * codec's two functions at hand: every document is read through here.
 */
export interface CompiledField {
  readonly property: string;
  readonly wire: string;
  readonly key: Uint8Array;
  readonly presence: Presence;
  readonly schema: Schema;
  readonly encode: (writer: Writer, value: unknown) => void;
  readonly decode: (reader: Reader) => unknown;
  readonly fallback: unknown;
  readonly isOmitted: ((value: unknown) => boolean) | undefined;
}

export function compile(fields: Fields): CompiledField[] {
  return Object.entries(fields).map(([property, declared]) => {
    const field: Field<unknown, Presence> =
      "presence" in declared ? declared : { presence: "required", codec: declared };
    const wire = wireName(property);
    return {
      property,
      wire,
      key: encodedStr(wire),
      presence: field.presence,
      schema: field.codec.schema,
      encode: field.codec.encode,
      decode: field.codec.decode,
      fallback: field.fallback,
      isOmitted: field.isOmitted,
    };
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
        field.encode(writer, propertyOf(value, field.property));
      }
    },
    encode: (writer, value) => {
      writer.mapHeader(codec.countEntries(value));
      codec.encodeEntries(writer, value);
    },
    decode: (reader) => {
      const value: Record<string, unknown> = {};
      const isArray = reader.peek() === "array";
      reader.enter();
      const found = isArray ? readPositions(reader, fields, value) : readEntries(reader, fields, indexes, value);
      reader.leave();
      if (found < fields.length) completeMissing(fields, value);
      return value as T;
    },
  };
  return codec;
}

/** Reads the known keys into `value` and gives their number. */
function readEntries(
  reader: Reader,
  fields: readonly CompiledField[],
  indexes: ReadonlyMap<string, number>,
  value: Record<string, unknown>,
): number {
  const count = reader.mapHeader();
  let found = 0;
  // Keys mostly come in order. Beyond the last one that was found there is none to be repeated.
  let next = 0;
  for (let i = 0; i < count; i += 1) {
    let field = fields[next];
    if (field !== undefined && reader.consume(field.key)) {
      next += 1;
    } else {
      const index = indexes.get(reader.str());
      field = index === undefined ? undefined : fields[index];
      if (index === undefined || field === undefined) {
        reader.skip();
        continue;
      }
      if (Object.hasOwn(value, field.property)) throw new DecodeError(`the key ${field.wire} is repeated`);
      next = Math.max(next, index + 1);
    }
    value[field.property] = readField(reader, field);
    found += 1;
  }
  return found;
}

/** The positional form, that old writers used: the fields in writing order. The last may be missing, if they may be. */
function readPositions(reader: Reader, fields: readonly CompiledField[], value: Record<string, unknown>): number {
  const count = reader.arrayHeader();
  if (count > fields.length) throw new DecodeError(`expected ${fields.length} elements, got ${count}`);
  for (const field of fields.slice(0, count)) value[field.property] = readField(reader, field);
  return count;
}

function readField(reader: Reader, field: CompiledField): unknown {
  try {
    return field.decode(reader);
  } catch (error) {
    throw DecodeError.at(field.wire, error);
  }
}

function completeMissing(fields: readonly CompiledField[], value: Record<string, unknown>): void {
  for (const { property, wire, presence, fallback } of fields) {
    if (Object.hasOwn(value, property)) continue;
    if (fallback !== undefined) value[property] = fallback;
    else if (presence === "required") throw new DecodeError(`the key ${wire} is missing`);
  }
}

function propertyOf(value: object, property: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[property];
}

function fieldSchema({ wire, presence, schema }: CompiledField): FieldSchema {
  return { name: wire, presence, type: schema };
}
