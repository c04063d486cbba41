import { EntryName } from "@parsec/types";
import { describe, expect, it } from "vitest";
import vectors from "../../../../test/vectors/filesystem.json" with { type: "json" };
import { nameConflictName, syncConflictName } from "../../src/workspace/merge/conflict-name.ts";

const among = (names: readonly string[]) => {
  const taken = new Set(names);
  return (name: string) => taken.has(name);
};

describe("nameConflictName", () => {
  it.each(vectors.name_conflict_filename)("$id $title", ({ name, reserved, expected }) => {
    expect(nameConflictName(EntryName.parse(name), among(reserved))).toBe(expected);
  });
});

describe("syncConflictName", () => {
  it.each(vectors.sync_conflict_filename)("$id $title", ({ name, taken, expected }) => {
    const known = name === null ? undefined : EntryName.parse(name);
    expect(syncConflictName(known, among(taken))).toBe(expected);
  });
});
