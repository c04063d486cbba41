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

it("leaves a name of ten bytes as it is, and shortens what comes after it", () => {
  const [stem, cut, kept] = ["a".repeat(10), "b".repeat(110), "c".repeat(110)];
  const never = () => false;
  const name = EntryName.parse([stem, cut, kept].join("."));
  expect(nameConflictName(name, never)).toBe(`${stem} (Parsec - name conflict).${kept}`);
  expect(syncConflictName(name, never)).toBe(`${stem} (Parsec sync conflict 2).${kept}`);
});

describe("syncConflictName", () => {
  it.each(vectors.sync_conflict_filename)("$id $title", ({ name, taken, expected }) => {
    const known = name === null ? undefined : EntryName.parse(name);
    expect(syncConflictName(known, among(taken))).toBe(expected);
  });
});
