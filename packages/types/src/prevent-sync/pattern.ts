import type { EntryName } from "../entry-name.ts";
import { FsPath } from "../fs-path.ts";
import { defaultGlobs } from "./default-globs.ts";
import { PreventSyncPatternError } from "./error.ts";
import { globToExpression } from "./glob.ts";

/**
 * Names of entries that stay on the device that made them (spec 04 §11): temporary files and the like. A list of
 * regular expressions, searched in the name alone, case-sensitive; one that matches suffices.
 */
export class PreventSyncPattern {
  readonly #expressions: readonly string[];
  readonly #compiled: readonly RegExp[];

  private constructor(expressions: readonly string[]) {
    this.#expressions = expressions;
    this.#compiled = expressions.map(compile);
  }

  /** @throws PreventSyncPatternError `BAD_GLOB` */
  static fromGlobs(globs: readonly string[]): PreventSyncPattern {
    return new PreventSyncPattern(globs.map(globToExpression));
  }

  /** One raw expression, not anchored. @throws PreventSyncPatternError `BAD_REGEX` */
  static fromRegex(expression: string): PreventSyncPattern {
    return new PreventSyncPattern([expression]);
  }

  /**
   * Globs of an ignore file, one a line; empty lines and lines that begin with `#` are skipped. Without any glob the
   * pattern matches nothing.
   * @throws PreventSyncPatternError `BAD_GLOB` for the whole text when one line is not a glob
   */
  static fromIgnoreFile(text: string): PreventSyncPattern {
    const lines = text.split("\n").map(trimmed);
    return PreventSyncPattern.fromGlobs(lines.filter((line) => line !== "" && !line.startsWith("#")));
  }

  /** The pattern that applies when the application gives none (spec 04 §11.4). */
  static default(): PreventSyncPattern {
    return PreventSyncPattern.fromGlobs(defaultGlobs);
  }

  /** What is stored to detect a change: the expressions, joined by `|`. */
  get text(): string {
    return this.#expressions.join("|");
  }

  matches(name: EntryName): boolean {
    return this.#compiled.some((expression) => expression.test(name));
  }

  /** True when any name in the path matches: the entry is then out of reach of the others. */
  isPathConfined(path: FsPath): boolean {
    return FsPath.names(path).some((name) => this.matches(name));
  }

  /** The same expressions, in any order. */
  equals(other: PreventSyncPattern): boolean {
    const contains = (all: readonly string[], some: readonly string[]) => some.every((one) => all.includes(one));
    return (
      this.#expressions.length === other.#expressions.length &&
      contains(this.#expressions, other.#expressions) &&
      contains(other.#expressions, this.#expressions)
    );
  }
}

/** `.` is made to exclude the line feed alone, as in the reference: that of JavaScript excludes more. */
function compile(expression: string): RegExp {
  const parts = expression.match(/\\.|\[(?:\\.|[^\]\\])*\]|[^]/gsu) ?? [];
  try {
    return new RegExp(parts.map((part) => (part === "." ? "[^\\n]" : part)).join(""), "u");
  } catch (cause) {
    throw new PreventSyncPatternError("BAD_REGEX", "Not a valid regular expression", { cause });
  }
}

/** Without the Unicode white space at both ends; `trim` knows a slightly different set. */
function trimmed(line: string): string {
  return line.replace(/^\p{White_Space}+/u, "").replace(/\p{White_Space}+$/u, "");
}
