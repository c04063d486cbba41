import { describe, expect, it } from "vitest";
import defaults from "../../../../test/vectors/default-prevent-sync-patterns.json" with { type: "json" };
import filesystem from "../../../../test/vectors/filesystem.json" with { type: "json" };
import { EntryName, FsPath, PreventSyncPattern } from "../../src/index.ts";
import { defaultGlobs } from "../../src/prevent-sync/default-globs.ts";
import { globToExpression } from "../../src/prevent-sync/glob.ts";

/** The vectors also match names that no entry can have, such as the empty one. */
const named = (text: string) => text as EntryName;
const badGlob = expect.objectContaining({ code: "BAD_GLOB" });

function expectMatches(pattern: PreventSyncPattern, names: readonly string[], expected: boolean): void {
  const outcome = (matches: boolean) => names.map((name) => [name, matches]);
  expect(names.map((name) => [name, pattern.matches(named(name))])).toEqual(outcome(expected));
}

const { checks } = defaults;

describe(`default-prevent-sync-patterns.json: ${defaults.patterns.length} patterns`, () => {
  it("are our 36 globs, in the same order", () => {
    console.log(`default-prevent-sync-patterns.json: ${defaults.patterns.length} patterns`);
    expect(defaults.patterns).toHaveLength(36);
    expect(defaultGlobs).toEqual(defaults.patterns.map(({ glob }) => glob));
    expect(checks.glob).toHaveLength(20);
    expect(checks.ignore_file).toHaveLength(5);
    expect(Object.keys(checks)).toEqual(["defaults", "glob", "glob_to_regex", "invalid_glob", "ignore_file"]);
  });

  it.each([...defaults.patterns.map(({ glob, js_regex: regex }) => ({ glob, regex })), ...checks.glob_to_regex])(
    "$glob is the expression $regex",
    ({ glob, regex }) => {
      expect(globToExpression(glob)).toBe(regex);
    },
  );

  it.each(Object.entries(checks.defaults))("match the names of %s", (_, { match, no_match }) => {
    expectMatches(PreventSyncPattern.default(), match, true);
    expectMatches(PreventSyncPattern.default(), no_match, false);
  });

  it.each(checks.glob)("$glob on $name: $match", ({ glob, name, match }) => {
    expectMatches(PreventSyncPattern.fromGlobs([glob]), [name], match);
  });

  it.each(checks.invalid_glob)("%s is no glob", (glob) => {
    expect(() => PreventSyncPattern.fromGlobs([glob])).toThrow(badGlob);
  });

  it.each(checks.ignore_file)("ignore file $content", ({ content, match, no_match }) => {
    const pattern = PreventSyncPattern.fromIgnoreFile(content);
    expectMatches(pattern, match, true);
    expectMatches(pattern, no_match, false);
  });
});

describe("filesystem.json", () => {
  it.each(filesystem.prevent_sync_glob)("$glob on $candidate: $match", ({ glob, candidate, match }) => {
    expectMatches(PreventSyncPattern.fromGlobs([glob]), [candidate], match);
  });

  it.each(filesystem.prevent_sync_regex)("expression $regex on $candidate: $match", ({ regex, candidate, match }) => {
    expectMatches(PreventSyncPattern.fromRegex(regex), [candidate], match);
  });

  it.each(filesystem.prevent_sync_bad)("$kind $value gives $error", ({ kind, value, error }) => {
    const make = () => (kind === "glob" ? PreventSyncPattern.fromGlobs([value]) : PreventSyncPattern.fromRegex(value));
    expect(make).toThrow(expect.objectContaining({ code: error === "BadGlob" ? "BAD_GLOB" : "BAD_REGEX" }));
  });

  it.each(filesystem.prevent_sync_ignore_file)("ignore file $content", ({ content, equivalent_globs: globs }) => {
    expect(PreventSyncPattern.fromIgnoreFile(content).equals(PreventSyncPattern.fromGlobs(globs))).toBe(true);
  });

  it.each(filesystem.prevent_sync_glob_regex)("$glob is the expression $regex", ({ glob, regex }) => {
    expect(globToExpression(glob)).toBe(regex);
  });

  it("several globs", () => {
    const { globs, match, no_match: noMatch } = filesystem.prevent_sync_multiple_globs;
    expectMatches(PreventSyncPattern.fromGlobs(globs), match, true);
    expectMatches(PreventSyncPattern.fromGlobs(globs), noMatch, false);
  });

  it("defaults", () => {
    const { globs, match, no_match: noMatch } = filesystem.prevent_sync_default;
    expect(PreventSyncPattern.default().equals(PreventSyncPattern.fromGlobs(globs))).toBe(true);
    expectMatches(PreventSyncPattern.default(), match, true);
    expectMatches(PreventSyncPattern.default(), noMatch, false);
  });
});

describe("globs beyond the vectors (spec 11 §9.1)", () => {
  it.each(["[", "[]", "[a", "{a,b", "a\\", "[z-a]", "[a-c-e]", "[\\"])("%s is no glob", (glob) => {
    expect(() => globToExpression(glob)).toThrow(badGlob);
  });

  it.each([
    ["\\*", ["*"], ["a", "\\*"]],
    ["a\\nb", ["a\nb"], ["anb"]],
    ["[a-]", ["a", "-"], ["b"]],
    ["[!]]", ["a"], ["]"]],
    ["{a.b,c}", ["a.b", "c"], ["axb", "a.b,c"]],
    ["{a*,b}", ["a*", "b"], ["ax"]],
    ["?", ["a", "\u{1f30a}", "\n"], ["", "ab"]],
    ["*", ["", "a\rb"], ["a\nb"]],
    ["}", ["}"], ["a"]],
  ])("%j matches %j and not %j", (glob, match, noMatch) => {
    const pattern = PreventSyncPattern.fromGlobs([glob]);
    expectMatches(pattern, match, true);
    expectMatches(pattern, noMatch, false);
  });
});

describe("PreventSyncPattern", () => {
  it("joins its expressions", () => {
    expect(PreventSyncPattern.fromGlobs(["*.a", "b"]).text).toBe("^.*\\.a$|^b$");
  });

  it("equals one with the same expressions in another order", () => {
    const pattern = PreventSyncPattern.fromGlobs(["a", "b"]);
    expect(pattern.equals(PreventSyncPattern.fromGlobs(["b", "a"]))).toBe(true);
    expect(pattern.equals(PreventSyncPattern.fromGlobs(["a"]))).toBe(false);
    expect(pattern.equals(PreventSyncPattern.fromGlobs(["a", "c"]))).toBe(false);
  });

  it("matches nothing without patterns", () => {
    expect(PreventSyncPattern.fromIgnoreFile("# none\r\n\r\n").matches(EntryName.parse("a"))).toBe(false);
  });

  it("reads lines that end in CRLF", () => {
    expect(PreventSyncPattern.fromIgnoreFile("*.a\r\n*.b").matches(EntryName.parse("x.a"))).toBe(true);
  });

  it("confines what is below a confined folder", () => {
    const pattern = PreventSyncPattern.default();
    expect(pattern.isPathConfined(FsPath.parse("/docs/x.tmp/y"))).toBe(true);
    expect(pattern.isPathConfined(FsPath.parse("/docs/y"))).toBe(false);
    expect(pattern.isPathConfined(FsPath.root)).toBe(false);
  });

  it("lets a dot of an expression match a carriage return, not a line feed", () => {
    const pattern = PreventSyncPattern.fromRegex("^a.b[.]$");
    expectMatches(pattern, ["a\rb.", "a\u2028b."], true);
    expectMatches(pattern, ["a\nb.", "axbx"], false);
  });
});
