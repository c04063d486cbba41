import { toHex } from "@parsec/base";
import { DateTime, type Schema, wireName } from "@parsec/types";

type Plain = Readonly<Record<string, unknown>>;

/** A decoded value in the notation of the vectors: wire names, `$uuid`, `$datetime`, `$hex`, `$float`, `$map`. */
export function toNeutral(schema: Schema, value: unknown): unknown {
  switch (schema.kind) {
    case "scalar":
      return neutralScalar(schema.name, value);
    case "literals":
      return value;
    case "nullable":
      return value === null ? null : toNeutral(schema.item, value);
    case "list":
    case "set":
      return [...(value as Iterable<unknown>)].map((item) => toNeutral(schema.item, item));
    case "tuple":
      return (value as readonly unknown[]).map((item, i) => toNeutral(schema.items[i] ?? schema, item));
    case "map":
      return neutralMap(schema, value as ReadonlyMap<unknown, unknown>);
    case "struct":
      return neutralStruct(schema, value as Plain);
    case "union": {
      const tag = propertyName(schema.discriminant);
      const found = (value as Plain)[tag];
      const variant = schema.variants.find((candidate) => candidate.value === found);
      if (variant === undefined) throw new Error(`no variant ${String(found)}`);
      return { [schema.discriminant]: found, ...(toNeutral(variant.type, value) as object) };
    }
  }
}

function neutralStruct(schema: Extract<Schema, { kind: "struct" }>, value: Plain): object {
  const present = schema.fields.filter(({ name }) => value[propertyName(name)] !== undefined);
  return Object.fromEntries(present.map(({ name, type }) => [name, toNeutral(type, value[propertyName(name)])]));
}

function neutralMap({ key, value }: Extract<Schema, { kind: "map" }>, entries: ReadonlyMap<unknown, unknown>): unknown {
  const neutral = [...entries].map(([k, v]) => [toNeutral(key, k), toNeutral(value, v)] as const);
  const isText = neutral.every(([k]) => typeof k === "string");
  return isText ? Object.fromEntries(neutral) : { $map: neutral };
}

function neutralScalar(name: string, value: unknown): unknown {
  if (name === "DateTime") return { $datetime: DateTime.formatRfc3339(value as DateTime) };
  if (name === "Float") return { $float: value };
  if (name === "AccessToken") return { $hex: value };
  if (name === "HumanHandle") return [(value as Plain)["email"], (value as Plain)["label"]];
  if (name === "HashDigest" && typeof value === "string") return { $hex: value };
  if (/(?<!Organization)ID$/.test(name)) return { $uuid: value };
  if (value instanceof Uint8Array) return { $hex: toHex(value) };
  if (typeof value !== "object" || value === null) return value;
  if ("toBytes" in value) return { $hex: toHex((value as { toBytes(): Uint8Array }).toBytes()) };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [wireName(key), item]));
}

/** `key_index` to `keyIndex`. */
export function propertyName(wire: string): string {
  return wire.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
