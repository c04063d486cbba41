/** The part of OpenAPI 3.1 that describes the administration interface. */
export interface OpenApiSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly format?: string;
  readonly contentEncoding?: string;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: OpenApiSchema;
  readonly items?: OpenApiSchema;
  readonly oneOf?: readonly OpenApiSchema[];
}

export const text: OpenApiSchema = { type: "string" };
export const bool: OpenApiSchema = { type: "boolean" };
export const count: OpenApiSchema = { type: "integer", minimum: 0 };
export const date: OpenApiSchema = { type: "string", format: "date-time" };
export const bytes: OpenApiSchema = { type: "string", contentEncoding: "base64" };
export const id: OpenApiSchema = { type: "string", description: "32 hexadecimal digits" };

export function described(schema: OpenApiSchema, description: string): OpenApiSchema {
  return { ...schema, description };
}

export function nullable(schema: OpenApiSchema): OpenApiSchema {
  return schema.type === undefined
    ? { oneOf: [schema, { type: "null" }] }
    : { ...schema, type: [schema.type, "null"].flat() };
}

export function listOf(items: OpenApiSchema): OpenApiSchema {
  return { type: "array", items };
}

export function mapOf(additionalProperties: OpenApiSchema): OpenApiSchema {
  return { type: "object", additionalProperties };
}

export function oneOf(...values: readonly string[]): OpenApiSchema {
  return { type: "string", enum: values };
}

/** An object. The fields of `optional` may be left out. */
export function object(
  required: Readonly<Record<string, OpenApiSchema>>,
  optional: Readonly<Record<string, OpenApiSchema>> = {},
): OpenApiSchema {
  const names = Object.keys(required);
  const fields = { type: "object", properties: { ...required, ...optional } } as const;
  return names.length === 0 ? fields : { ...fields, required: names };
}
