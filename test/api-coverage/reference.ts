import schema from "../vectors/schema-public-api.json" with { type: "json" };

/** The public API of the reference, as the schema has it. */
export interface ReferenceFunction {
  readonly name: string;
  readonly area: string;
}

export interface ReferenceVariant {
  readonly name: string;
  /** Without `error`, the text for logs. */
  readonly fields: readonly string[];
}

interface SchemaType {
  readonly kind: string;
  readonly variants?: readonly { readonly name: string; readonly fields: readonly { readonly name: string }[] }[];
}

const types: Readonly<Record<string, SchemaType>> = schema.types;

export const referenceFunctions: readonly ReferenceFunction[] = schema.functions;

export const referenceErrors: ReadonlyMap<string, readonly ReferenceVariant[]> = new Map(
  Object.entries(types).flatMap(([name, type]) => (type.kind === "error" ? [[name, variantsOf(type)]] : [])),
);

export const referenceEvents: readonly ReferenceVariant[] = variantsOf(types.ClientEvent);

function variantsOf(type: SchemaType | undefined): readonly ReferenceVariant[] {
  return (type?.variants ?? []).map(({ name, fields }) => ({
    name,
    fields: fields.map((field) => field.name).filter((field) => field !== "error"),
  }));
}
