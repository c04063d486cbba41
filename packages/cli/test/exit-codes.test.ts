import { readdirSync, readFileSync } from "node:fs";
import { WorkspaceError } from "@parsec/client";
import { OfflineError } from "@parsec/connection";
import { expect, test } from "vitest";
import { CommandError, UsageError } from "../src/errors.ts";
import { exitCodeOf, exitNameOf } from "../src/exit-codes.ts";

const packages = ["base", "types", "crypto", "protocol", "storage", "device", "connection", "account", "client", "cli"];

/** Every code that stands in the sources of our packages: given to a constructor, in a class, a union, or a table. */
function codesInSources(): ReadonlySet<string> {
  const found = new Set<string>();
  const places = [
    /(?:Error(?:<[^>()]*>)?\(\s*|super\(\s*)("[A-Z][A-Z0-9_]+")/g,
    /Error<((?:\s*\|?\s*"[A-Z0-9_]+")+)>/g,
    /(?:ErrorCode|RefusalReason) =((?:\s*\|?\s*(?:"[A-Z0-9_]+"|[A-Za-z]+))+)/g,
    /const refusals = \{([\s\S]*?)\} as const/g,
  ];
  for (const name of packages) {
    const root = new URL(`../../${name}/src/`, import.meta.url);
    for (const file of readdirSync(root, { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts")) continue;
      const text = readFileSync(new URL(file, root), "utf8");
      for (const place of places) {
        const texts = [...text.matchAll(place)].map(([, codes = ""]) => codes);
        const words = texts.flatMap((codes) => [...codes.matchAll(/"([A-Z0-9_]+)"|^ {2}([A-Z0-9_]+):/gm)]);
        for (const [, quoted, key] of words) found.add(quoted ?? key ?? "");
      }
    }
  }
  return found;
}

test("every error code of our packages has its class, hence its exit code", () => {
  const codes = [...codesInSources()];
  expect(codes.length).toBeGreaterThan(250);
  expect(codes.filter((code) => exitNameOf(code) === undefined)).toEqual([]);
});

test("the exit code is that of the error, and of its cause when the error says only that something failed", () => {
  expect(exitCodeOf(new UsageError("what"))).toBe(2);
  expect(exitCodeOf(new WorkspaceError("ENTRY_NOT_FOUND", "gone"))).toBe(3);
  expect(exitCodeOf(new WorkspaceError("READ_ONLY", "no"))).toBe(4);
  expect(exitCodeOf(new OfflineError("nobody"))).toBe(5);
  expect(exitCodeOf(new WorkspaceError("ENTRY_EXISTS", "taken"))).toBe(6);
  expect(exitCodeOf(new CommandError("FINDINGS", "3"))).toBe(7);
  expect(exitCodeOf(new CommandError("LEFT_OUT", "1", { cause: new OfflineError("nobody") }))).toBe(5);
  expect(exitCodeOf(Object.assign(new Error("no such file"), { code: "ENOENT" }))).toBe(3);
  expect(exitCodeOf("text")).toBe(1);
});
