import { describe, expect, it } from "vitest";
import file from "../../../test/vectors/schema-data.json" with { type: "json" };
import type { FieldSchema, Schema } from "../src/index.ts";
import { documentCodec, documents } from "./support/documents.ts";

interface SchemaField {
  readonly name: string;
  readonly type: string;
  readonly introduced_in?: string;
}

interface NestedType {
  readonly name: string;
  readonly kind: string;
  readonly discriminant_field?: string;
  readonly fields?: readonly SchemaField[];
  readonly variants?: readonly { readonly discriminant_value: string; readonly fields?: readonly SchemaField[] }[];
}

interface DocumentType {
  readonly label: string;
  readonly type: string;
  readonly fields: readonly SchemaField[];
  readonly nested_types: readonly NestedType[];
}

const types = file.types as unknown as Readonly<Record<string, DocumentType>>;
const labels = new Map(Object.values(types).map((type) => [type.label, type]));

describe("schema of the data types", () => {
  it("has 46 types, each with a codec", () => {
    expect(Object.keys(documents).sort()).toEqual(Object.keys(types).sort());
    expect(Object.keys(types)).toHaveLength(46);
  });

  it.each(Object.values(types))("$type: same fields, order, types and discriminants", (type) => {
    const codec = documentCodec(type.type);
    expect([codec.discriminant, codec.value]).toEqual(["type", type.type]);
    expect(codec.schema).toEqual(documentSchema(type));
  });
});

/** What our codec must say of itself, for a document of the schema. */
function documentSchema(type: DocumentType): Schema {
  const discriminant: FieldSchema = {
    name: "type",
    presence: "required",
    type: { kind: "literals", values: [type.type] },
  };
  return {
    kind: "struct",
    fields: [discriminant, ...type.fields.map((field) => fieldSchema(field, type.nested_types))],
  };
}

function fieldSchema(field: SchemaField, nested: readonly NestedType[]): FieldSchema {
  const isOption = field.type.startsWith("NonRequiredOption<");
  const presence = isOption ? "nonRequired" : field.introduced_in === undefined ? "required" : "optional";
  return { name: field.name, presence, type: parseType(field.type, nested) };
}

function parseType(text: string, nested: readonly NestedType[]): Schema {
  const generic = /^(\w+)<(.*)>$/.exec(text);
  if (generic !== null) return genericSchema(generic[1] ?? "", generic[2] ?? "", nested);
  const own = nested.find(({ name }) => name === text);
  if (own !== undefined) return nestedSchema(own, nested);
  const embedded = labels.get(text);
  return embedded === undefined ? { kind: "scalar", name: text } : documentSchema(embedded);
}

function genericSchema(name: string, inside: string, nested: readonly NestedType[]): Schema {
  if (name === "Map") {
    const [key = "", ...value] = inside.split(",");
    return { kind: "map", key: parseType(key.trim(), nested), value: parseType(value.join(",").trim(), nested) };
  }
  const item = parseType(inside, nested);
  if (name === "List") return { kind: "list", item };
  if (name === "Set") return { kind: "set", item };
  if (name === "RequiredOption" || name === "NonRequiredOption") return { kind: "nullable", item };
  throw new Error(`unknown type ${name}<…>`);
}

/** Fields of structs and variants are written sorted by name. */
function nestedSchema(type: NestedType, nested: readonly NestedType[]): Schema {
  const sorted = (fields: readonly SchemaField[] = []) =>
    fields.map((field) => fieldSchema(field, nested)).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (type.kind === "struct") return { kind: "struct", fields: sorted(type.fields) };
  const variants = type.variants ?? [];
  if (type.kind === "literal_union") {
    return { kind: "literals", values: variants.map(({ discriminant_value }) => discriminant_value) };
  }
  return {
    kind: "union",
    discriminant: type.discriminant_field ?? "",
    variants: variants.map(({ discriminant_value, fields }) => ({
      value: discriminant_value,
      type: { kind: "struct", fields: sorted(fields) },
    })),
  };
}
