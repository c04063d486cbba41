import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

// docs/security.md and docs/acceptance.md say what holds; each line names its test, and that test is there.

const top = join(import.meta.dirname, "..");
const read = (name: string) => readFileSync(join(top, "docs", name), "utf8");
const page = read("security.md");
const pages = [page, read("acceptance.md")];

interface Claim {
  readonly line: string;
  readonly file: string;
  readonly title: string;
}

/** The tables' rows whose last cell names a test. */
const rows = pages
  .flatMap((text) => text.split("\n"))
  .filter((line) => /^\| .* \|$/.test(line) && !/^\| (?:behaviour|claim|line) /.test(line));
const claims: readonly Claim[] = rows.flatMap((line) => {
  const [, file = "", title = ""] = /`([^`\s]+\.test\.ts)` "([^"]+)" \|$/.exec(line) ?? [];
  return file === "" ? [] : [{ line, file, title }];
});

/** Titles of tests and rows of tables that make titles: `["name", …]` and `name:`. */
function hasTitle(source: string, title: string): boolean {
  const quoted = [`"${title}"`, `'${title}'`, `\`${title}\``];
  return quoted.some((text) => source.includes(text));
}

describe("the pages of claims", () => {
  test("name a test in each line", () => {
    expect(claims.length).toBeGreaterThan(70);
    expect(rows.filter((line) => claims.every((claim) => claim.line !== line))).toEqual([]);
  });

  test.each(claims.map((claim) => [claim.file, claim.title] as const))("%s has %j", (file, title) => {
    const path = join(top, file);
    expect(existsSync(path), file).toBe(true);
    expect(hasTitle(readFileSync(path, "utf8"), title), title).toBe(true);
  });

  test("have every behaviour of the hostile mode", () => {
    const source = readFileSync(join(top, "packages/server/src/testbed/hostile/rule.ts"), "utf8");
    const kinds = [...source.matchAll(/"([a-z]+(?:_[a-z]+)*)"/g)]
      .map(([, name = ""]) => name)
      .filter((name) => name !== "kind");
    expect(kinds).toContain("http_status");
    expect(kinds.length).toBeGreaterThan(14);
    expect(kinds.filter((kind) => !page.includes(`| \`${kind}\``))).toEqual([]);
  });
});
