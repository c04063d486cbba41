import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

// docs/security.md says what holds; each claim names its test, and that test is there.

const top = join(import.meta.dirname, "..");
const page = readFileSync(join(top, "docs", "security.md"), "utf8");

interface Claim {
  readonly line: string;
  readonly file: string;
  readonly title: string;
}

/** The tables' rows whose last cell names a test. */
const rows = page.split("\n").filter((line) => /^\| .* \|$/.test(line) && !/^\|[ -]*(?:behaviour|claim) /.test(line));
const claims: readonly Claim[] = rows.flatMap((line) => {
  const [, file = "", title = ""] = /`([^`\s]+\.test\.ts)` "([^"]+)" \|$/.exec(line) ?? [];
  return file === "" ? [] : [{ line, file, title }];
});

/** Titles of tests and rows of tables that make titles: `["name", …]` and `name:`. */
function hasTitle(source: string, title: string): boolean {
  const quoted = [`"${title}"`, `'${title}'`, `\`${title}\``];
  return quoted.some((text) => source.includes(text));
}

describe("docs/security.md", () => {
  test("names a test for each behaviour and each claim", () => {
    expect(claims.length).toBeGreaterThan(25);
    expect(rows.filter((line) => claims.every((claim) => claim.line !== line))).toEqual([]);
  });

  test.each(claims.map((claim) => [claim.file, claim.title] as const))("%s has %j", (file, title) => {
    const path = join(top, file);
    expect(existsSync(path), file).toBe(true);
    expect(hasTitle(readFileSync(path, "utf8"), title), title).toBe(true);
  });

  test("has every behaviour of the hostile mode", () => {
    const source = readFileSync(join(top, "packages/server/src/testbed/hostile/rule.ts"), "utf8");
    const kinds = [...source.matchAll(/"([a-z]+(?:_[a-z]+)*)"/g)]
      .map(([, name = ""]) => name)
      .filter((name) => name !== "kind");
    expect(kinds).toContain("http_status");
    expect(kinds.length).toBeGreaterThan(14);
    expect(kinds.filter((kind) => !page.includes(`| \`${kind}\``))).toEqual([]);
  });
});
