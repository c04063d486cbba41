/**
 * What a codec says of itself. Tests compare it with the machine-readable schema of the specification, field by field.
 * Names are those of the wire.
 */
export type Schema =
  | { readonly kind: "scalar"; readonly name: string }
  | { readonly kind: "literals"; readonly values: readonly string[] }
  | { readonly kind: "list" | "set" | "nullable"; readonly item: Schema }
  | { readonly kind: "map"; readonly key: Schema; readonly value: Schema }
  | { readonly kind: "tuple"; readonly items: readonly Schema[] }
  | { readonly kind: "struct"; readonly fields: readonly FieldSchema[] }
  | { readonly kind: "union"; readonly discriminant: string; readonly variants: readonly VariantSchema[] };

/**
 * How a field may be missing (spec 02 §3): `required` never; `optional` when the writer is older than the field
 * (*introduced_in*); `nonRequired` freely, and it then reads as null.
 */
export type Presence = "required" | "optional" | "nonRequired";

export interface FieldSchema {
  readonly name: string;
  readonly presence: Presence;
  readonly type: Schema;
}

export interface VariantSchema {
  readonly value: string;
  /** The variant's own schema, without the discriminant for a struct; `unit` variants may hold a union. */
  readonly type: Schema;
}
