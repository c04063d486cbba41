import { fromHex } from "@parsec/base";

/** A vector's `input` or `expect`. */
export type Fields = Readonly<Record<string, unknown>>;

export function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw new Error(`the vector has no text ${name}`);
  return value;
}

export function number(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number") throw new Error(`the vector has no number ${name}`);
  return value;
}

export function bytes(fields: Fields, name: string): Uint8Array<ArrayBuffer> {
  return hexBytes(text(fields, name));
}

export function texts(fields: Fields, name: string): string[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw new Error(`the vector has no list ${name}`);
  return value.map((item) => text({ item }, "item"));
}

export function fields(parent: Fields, name: string): Fields {
  const value = parent[name];
  if (typeof value !== "object" || value === null) throw new Error(`the vector has no ${name}`);
  return { ...value };
}

export function hexBytes(hex: string): Uint8Array<ArrayBuffer> {
  const value = fromHex(hex);
  if (value === undefined) throw new Error("the vector holds bad hex");
  return value;
}
