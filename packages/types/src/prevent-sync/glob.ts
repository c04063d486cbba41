import { PreventSyncPatternError } from "./error.ts";

/** Characters that a backslash turns into control characters; before any other it only quotes. */
const controlEscapes: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["e", "\x1b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);

/**
 * The regular expression that matches what the glob does, over the whole name (spec 04 §11.3, spec 11 §9.1): `*` and
 * `?`, classes as in `[!a-z]`, alternations of literals as in `{so,o}`, and backslash escapes.
 * @throws PreventSyncPatternError `BAD_GLOB`
 */
export function globToExpression(glob: string): string {
  const reader = new GlobReader(glob);
  let expression = "^";
  for (;;) {
    const character = reader.next();
    if (character === undefined) return `${expression}$`;
    if (character === "*") expression += ".*";
    else if (character === "?") expression += "[^/]";
    else if (character === "[") expression += readClass(reader);
    else if (character === "{") expression += readAlternation(reader);
    else expression += quoted(reader.unescaped(character));
  }
}

class GlobReader {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(glob: string) {
    this.#characters = [...glob];
  }

  next(): string | undefined {
    const character = this.#characters[this.#at];
    this.#at += 1;
    return character;
  }

  /** The next character of a construct that must end with a closing one. */
  inside(construct: string): string {
    const character = this.next();
    if (character === undefined) throw badGlob(`${construct} is not closed`);
    return character;
  }

  /** True, and past it, when this character comes next. */
  accept(character: string): boolean {
    if (this.#characters[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  /** In a class: a `-` comes next that is not the last member. */
  startsRange(): boolean {
    return this.#characters[this.#at] === "-" && this.#characters[this.#at + 1] !== "]";
  }

  /** What a character stands for: itself, or after a backslash the next one. */
  unescaped(character: string): string {
    if (character !== "\\") return character;
    const escaped = this.next();
    if (escaped === undefined) throw badGlob("a backslash ends it");
    return controlEscapes.get(escaped) ?? escaped;
  }
}

/** After `[`: a `]` in first place is literal. A name holds no `/`, and no class matches one. */
function readClass(reader: GlobReader): string {
  const negated = reader.accept("!");
  let members = "";
  for (let isFirst = true; ; isFirst = false) {
    const character = reader.inside("a class");
    if (character === "]" && !isFirst) break;
    members += readClassMember(reader, character);
  }
  return negated ? `[^${members}/]` : `[${members}]`;
}

/** One character of a class, or a range. A `-` before the closing `]` is literal. */
function readClassMember(reader: GlobReader, character: string): string {
  const from = reader.unescaped(character);
  if (!reader.startsRange()) return from === "/" ? "" : quotedInClass(from);
  reader.next();
  const to = reader.unescaped(reader.inside("a class"));
  if (codePoint(from) > codePoint(to)) throw badGlob("a range is reversed");
  if (reader.startsRange()) throw badGlob("a range follows a range");
  return `${quotedInClass(from)}-${quotedInClass(to)}`;
}

/** After `{`: literal texts up to `}`. */
function readAlternation(reader: GlobReader): string {
  let alternatives = "";
  for (;;) {
    const character = reader.inside("an alternation");
    if (character === "}") return `(${alternatives})`;
    alternatives += character === "," ? "|" : quoted(reader.unescaped(character));
  }
}

function quoted(character: string): string {
  return /[.^$+*?()|[\]{}\\]/.test(character) ? `\\${character}` : character;
}

function quotedInClass(character: string): string {
  return /[\\\]^[-]/.test(character) ? `\\${character}` : character;
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function badGlob(reason: string): PreventSyncPatternError {
  return new PreventSyncPatternError("BAD_GLOB", `Not a valid glob: ${reason}`);
}
