import type { Schema } from "@parsec/types";
import { describe, expect, it } from "vitest";
import { type AnyCommand, commands, formatApiVersion } from "../src/index.ts";
import { type SchemaFile, SchemaReader } from "./support/schema-file.ts";
import { readVectors } from "./support/vectors.ts";

const file = readVectors<SchemaFile>("schema-protocol.json");
const entries = Object.entries(file.families).flatMap(([family, { commands: found }]) =>
  Object.entries(found).map(([name, entry]) => ({ family, name, entry })),
);
const ours: Readonly<Record<string, Readonly<Record<string, AnyCommand>>>> = commands;

/** The one declared difference: our optional `allowed_client_agent` in ORGANIZATION_CONFIG (spec 05 §10). */
function withoutAddition(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema), (_key, value: unknown) =>
    Array.isArray(value) ? value.filter((item) => item?.name !== "allowed_client_agent") : value,
  ) as Schema;
}

describe("commands against the schema", () => {
  it("are 79 in six families, with 358 statuses", () => {
    expect(entries).toHaveLength(79);
    expect(file.counts.commands).toBe(79);
    expect(Object.keys(ours)).toEqual(Object.keys(file.families));
    const statuses = Object.values(ours)
      .flatMap(Object.values<AnyCommand>)
      .map(({ reply }) => reply.statuses.size);
    expect(statuses.reduce((sum, size) => sum + size, 0)).toBe(358);
    expect(file.counts.reply_statuses).toBe(358);
  });

  it("differ in one declared place", () => {
    expect(JSON.stringify(ours["authenticated"]?.["events_listen"]?.reply.schema)).toContain("allowed_client_agent");
  });

  it.each(Object.keys(file.families))("%s has the commands of the schema, no more, in order", (family) => {
    expect(Object.keys(ours[family] ?? {})).toEqual(Object.keys(file.families[family]?.commands ?? {}));
  });

  it.each(entries)("$family $name has the names, order, types and statuses", ({ family, name, entry }) => {
    const command = ours[family]?.[name] ?? expect.unreachable();
    const reader = new SchemaReader(entry);
    expect(command).toMatchObject({ family, name });
    expect(formatApiVersion(command.since)).toBe(entry.added_in ?? "5.0");
    expect(command.request.schema).toEqual(reader.request(entry.req.fields, name));
    expect(withoutAddition(command.reply.schema)).toEqual(reader.replies(entry.reps));
  });
});
