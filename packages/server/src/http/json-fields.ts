import { fromBase64, ParsecError } from "@parsec/base";

/** A JSON body is not what the route expects. `field` is the one at fault, empty for the body itself. */
export class JsonFieldError extends ParsecError<"BAD_JSON"> {
  override readonly name: string = "JsonFieldError";
  readonly field: string;

  constructor(field: string, what: string) {
    super("BAD_JSON", field === "" ? what : `The field ${field} ${what}`);
    this.field = field;
  }
}

/** Reads one JSON value: the typed value, or `undefined` for one of another type. Types are strict (spec 08c §1.1). */
export type JsonKind<T> = (value: unknown) => T | undefined;

export const jsonText: JsonKind<string> = (value) => (typeof value === "string" ? value : undefined);
export const jsonBool: JsonKind<boolean> = (value) => (typeof value === "boolean" ? value : undefined);
export const jsonInteger: JsonKind<number> = (value) =>
  typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
export const jsonCount: JsonKind<number> = (value) => {
  const integer = jsonInteger(value);
  return integer !== undefined && integer >= 0 ? integer : undefined;
};
/** Standard base64 with padding. */
export const jsonBytes: JsonKind<Uint8Array> = (value) => (typeof value === "string" ? fromBase64(value) : undefined);
export const jsonList: JsonKind<readonly unknown[]> = (value) => (Array.isArray(value) ? value : undefined);

export function jsonNullable<T>(kind: JsonKind<T>): JsonKind<T | null> {
  return (value) => (value === null ? null : kind(value));
}

export function jsonOneOf<const V extends string>(...values: readonly V[]): JsonKind<V> {
  return (value) => values.find((known) => known === value);
}

/** A text that `parse` accepts; what it throws or refuses is a value of another type. */
export function jsonParsed<T>(parse: (text: string) => T | undefined): JsonKind<T> {
  return (value) => {
    if (typeof value !== "string") return undefined;
    try {
      return parse(value);
    } catch (error) {
      if (ParsecError.is(error)) return undefined;
      throw error;
    }
  };
}

/** An object with these values under any names. */
export function jsonMap<T>(kind: JsonKind<T>): JsonKind<ReadonlyMap<string, T>> {
  return (value) => {
    if (!isJsonObject(value)) return undefined;
    const map = new Map<string, T>();
    for (const [name, item] of Object.entries(value)) {
      const read = kind(item);
      if (read === undefined) return undefined;
      map.set(name, read);
    }
    return map;
  };
}

function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fields of a JSON object, read one by one with their types. Fields that nobody reads are ignored. */
export class JsonFields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  /** @throws JsonFieldError when it is no object */
  constructor(value: unknown) {
    if (!isJsonObject(value)) throw new JsonFieldError("", "Expected a JSON object");
    this.#fields = value;
  }

  /** @throws JsonFieldError when the text is not the JSON form of an object */
  static parse(text: string): JsonFields {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new JsonFieldError("", "The body is not JSON");
    }
    return new JsonFields(value);
  }

  /** The fields that nobody has read yet, for where they are an error. */
  get unread(): readonly string[] {
    return Object.keys(this.#fields).filter((name) => !this.#read.has(name));
  }

  /** @throws JsonFieldError when it is missing or of another type */
  required<T>(name: string, kind: JsonKind<T>): T {
    const value = this.optional(name, kind);
    if (value === undefined) throw new JsonFieldError(name, "is missing");
    return value;
  }

  /** `undefined` when it is missing: that is not null. @throws JsonFieldError when it is of another type */
  optional<T>(name: string, kind: JsonKind<T>): T | undefined {
    this.#read.add(name);
    if (!Object.hasOwn(this.#fields, name)) return undefined;
    const value = kind(this.#fields[name]);
    if (value === undefined) throw new JsonFieldError(name, "has a wrong type or value");
    return value;
  }
}
