import type { Codec, Infer } from "./codec.ts";
import { DecodeError } from "./error.ts";
import type { Reader } from "./reader.ts";

/** `RequiredOption<T>`: nil for none. As a field, the key must be there. */
export function nullable<T>(item: Codec<T>): Codec<T | null> {
  return {
    schema: { kind: "nullable", item: item.schema },
    encode: (writer, value) => {
      if (value === null) writer.nil();
      else item.encode(writer, value);
    },
    decode: (reader) => {
      if (reader.peek() !== "nil") return item.decode(reader);
      reader.nil();
      return null;
    },
  };
}

export function list<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    schema: { kind: "list", item: item.schema },
    encode: (writer, values) => {
      writer.arrayHeader(values.length);
      for (const value of values) item.encode(writer, value);
    },
    decode: (reader) => readItems(reader, item),
  };
}

/** A set: any order on the wire, repeated elements merge. */
export function set<T>(item: Codec<T>): Codec<ReadonlySet<T>> {
  return {
    schema: { kind: "set", item: item.schema },
    encode: (writer, values) => {
      writer.arrayHeader(values.size);
      for (const value of values) item.encode(writer, value);
    },
    decode: (reader) => new Set(readItems(reader, item)),
  };
}

/** A map; of equal keys the last wins. Keys must be primitive values for that. */
export function map<K extends string | number, V>(key: Codec<K>, value: Codec<V>): Codec<ReadonlyMap<K, V>> {
  return {
    schema: { kind: "map", key: key.schema, value: value.schema },
    encode: (writer, entries) => {
      writer.mapHeader(entries.size);
      for (const [k, v] of entries) {
        key.encode(writer, k);
        value.encode(writer, v);
      }
    },
    decode: (reader) => {
      const count = reader.mapHeader();
      return reader.nested(() => {
        const entries = new Map<K, V>();
        for (let i = 0; i < count; i += 1) {
          const k = key.decode(reader);
          entries.set(k, value.decode(reader));
        }
        return entries;
      });
    },
  };
}

type TupleOf<Items extends readonly Codec<unknown>[]> = { readonly [I in keyof Items]: Infer<Items[I]> };

/** An array of exactly these elements. */
export function tuple<const Items extends readonly Codec<unknown>[]>(...items: Items): Codec<TupleOf<Items>> {
  return {
    schema: { kind: "tuple", items: items.map((item) => item.schema) },
    encode: (writer, values) => {
      writer.arrayHeader(items.length);
      items.forEach((item, i) => item.encode(writer, values[i]));
    },
    decode: (reader) => {
      const count = reader.arrayHeader();
      if (count !== items.length) throw new DecodeError(`expected ${items.length} elements, got ${count}`);
      // The compiler cannot follow a mapped tuple through `map`: element i is what codec i decoded.
      return reader.nested(() => items.map((item) => item.decode(reader)) as TupleOf<Items>);
    },
  };
}

function readItems<T>(reader: Reader, item: Codec<T>): T[] {
  const count = reader.arrayHeader();
  return reader.nested(() => {
    const values: T[] = [];
    for (let i = 0; i < count; i += 1) values.push(item.decode(reader));
    return values;
  });
}
