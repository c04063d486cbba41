import type { FieldSchema, Schema } from "@parsec/types";

/** `schema-protocol.json`, as far as it is compared. */
export interface SchemaFile {
  readonly counts: { readonly commands: number; readonly reply_statuses: number };
  readonly families: Readonly<Record<string, { readonly commands: Readonly<Record<string, CommandEntry>> }>>;
}

export interface CommandEntry {
  readonly added_in?: string;
  readonly req: { readonly fields: readonly FieldEntry[] };
  readonly reps: readonly ReplyEntry[];
  readonly nested_types?: readonly NestedEntry[];
}

export interface FieldEntry {
  readonly name: string;
  readonly type: string;
  readonly introduced_in?: string;
}

export type ReplyEntry =
  | { readonly status: string; readonly fields: readonly FieldEntry[] }
  | { readonly status: string; readonly unit: string };

interface VariantEntry {
  readonly discriminant_value: string;
  readonly fields: readonly FieldEntry[];
}

type NestedEntry = { readonly name: string } & (
  | { readonly kind: "literal_union"; readonly variants: readonly VariantEntry[] }
  | { readonly kind: "struct_union"; readonly discriminant_field: string; readonly variants: readonly VariantEntry[] }
  | { readonly kind: "struct"; readonly fields: readonly FieldEntry[] }
);

/** The {@link Schema} that an entry of the file stands for: what our codec must say of itself. */
export class SchemaReader {
  readonly #nested: ReadonlyMap<string, NestedEntry>;

  constructor(command: CommandEntry) {
    this.#nested = new Map(command.nested_types?.map((nested) => [nested.name, nested]));
  }

  request(fields: readonly FieldEntry[], cmd: string): Schema {
    const tag: FieldSchema = { name: "cmd", presence: "required", type: { kind: "literals", values: [cmd] } };
    return { kind: "struct", fields: [tag, ...fields.map((field) => this.#field(field))] };
  }

  replies(replies: readonly ReplyEntry[]): Schema {
    const variants = replies.map((reply) => ({
      value: reply.status,
      type: "unit" in reply ? this.#nestedType(reply.unit) : this.#sorted(reply.fields),
    }));
    return { kind: "union", discriminant: "status", variants };
  }

  #type(text: string): Schema {
    const generic = /^(\w+)<(.*)>$/.exec(text);
    if (generic !== null) return this.#generic(generic[1] ?? "", splitTypes(generic[2] ?? ""));
    if (text.startsWith("(")) return { kind: "tuple", items: this.#types(text.slice(1, -1)) };
    return this.#nested.has(text) ? this.#nestedType(text) : { kind: "scalar", name: text };
  }

  #types(text: string): readonly Schema[] {
    return splitTypes(text).map((item) => this.#type(item));
  }

  #generic(name: string, [first = "", second = ""]: readonly string[]): Schema {
    if (name === "Map") return { kind: "map", key: this.#type(first), value: this.#type(second) };
    const kinds = { List: "list", Set: "set", RequiredOption: "nullable" } as const;
    if (!(name in kinds)) throw new Error(`unknown generic type ${name}`);
    return { kind: kinds[name as keyof typeof kinds], item: this.#type(first) };
  }

  #nestedType(name: string): Schema {
    const nested = this.#nested.get(name);
    if (nested === undefined) throw new Error(`no nested type ${name}`);
    if (nested.kind === "struct") return this.#sorted(nested.fields);
    if (nested.kind === "literal_union") {
      return { kind: "literals", values: nested.variants.map(({ discriminant_value }) => discriminant_value) };
    }
    const variants = nested.variants.map(({ discriminant_value, fields }) => ({
      value: discriminant_value,
      type: this.#sorted(fields),
    }));
    // A JavaScript object gives a key that is a number first: only the greeter step "5" is one (spec 05 §5.4).
    variants.sort((a, b) => Number(b.value === "5") - Number(a.value === "5"));
    return { kind: "union", discriminant: nested.discriminant_field, variants };
  }

  #sorted(fields: readonly FieldEntry[]): Schema {
    const sorted = fields.map((field) => this.#field(field)).sort((a, b) => (a.name < b.name ? -1 : 1));
    return { kind: "struct", fields: sorted };
  }

  #field({ name, type, introduced_in }: FieldEntry): FieldSchema {
    return { name, presence: introduced_in === undefined ? "required" : "optional", type: this.#type(type) };
  }
}

/** The arguments of a generic type: commas within brackets do not split. */
function splitTypes(text: string): readonly string[] {
  const items: string[] = [];
  let depth = 0;
  let item = "";
  for (const character of text) {
    if ("<(".includes(character)) depth += 1;
    if (">)".includes(character)) depth -= 1;
    if (character === "," && depth === 0) {
      items.push(item.trim());
      item = "";
    } else {
      item += character;
    }
  }
  return [...items, item.trim()];
}
