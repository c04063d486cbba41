/**
 * The e-mail grammar of spec 03 §2.1, as a scanner that never goes back by more than one optional element: linear in
 * the length of the text, and without recursion, since the text has no limit. Each method reads one rule of the
 * grammar at the current place; when it answers `false`, the place may have moved and the caller restores it.
 */
class EmailScanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads one part and gives its text, `undefined` when neither form matches. */
  part(...forms: readonly (() => boolean)[]): string | undefined {
    const start = this.#at;
    for (const form of forms) {
      if (form()) return this.#text.slice(start, this.#at);
      this.#at = start;
    }
    return undefined;
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** One character of that class. */
  one(characters: RegExp): boolean {
    if (!characters.test(this.#text.charAt(this.#at))) return false;
    this.#at += 1;
    return true;
  }

  /** As many as there are; true when there is one at least. */
  many(characters: RegExp): boolean {
    const start = this.#at;
    while (this.one(characters));
    return this.#at > start;
  }

  /** Reads the rule, or stays in place. */
  maybe(rule: () => boolean): boolean {
    const start = this.#at;
    if (rule()) return true;
    this.#at = start;
    return false;
  }

  readonly dotAtom = (): boolean => {
    this.one(wsp);
    if (!this.many(achar)) return false;
    while (this.maybe(this.#separatedRun));
    this.one(wsp);
    return true;
  };

  readonly #separatedRun = (): boolean => {
    if (!this.one(dot)) return this.many(dash) && this.many(achar);
    this.#comments();
    return this.many(achar);
  };

  readonly quotedString = (): boolean => this.#enclosed(quote, qtext, quote, true);
  readonly domainLiteral = (): boolean => this.#enclosed(openBracket, dtext, closeBracket, false);

  #enclosed(open: RegExp, content: RegExp, close: RegExp, withPairs: boolean): boolean {
    this.#comments();
    if (!this.one(open)) return false;
    do this.maybe(this.#foldedSpace);
    while (this.one(content) || (withPairs && this.maybe(this.#quotedPair)));
    if (!this.one(close)) return false;
    this.#comments();
    return true;
  }

  readonly #quotedPair = (): boolean => this.one(backslash) && this.one(quotable);

  /** Comments and folded white space, possibly none. */
  #comments(): void {
    while (this.maybe(this.#spacedComment));
    this.maybe(this.#foldedSpace);
  }

  readonly #spacedComment = (): boolean => {
    this.maybe(this.#foldedSpace);
    if (!this.one(openParenthesis)) return false;
    for (let depth = 1; depth > 0; ) {
      this.maybe(this.#foldedSpace);
      if (this.one(openParenthesis)) depth += 1;
      else if (this.one(closeParenthesis)) depth -= 1;
      else if (!this.one(ctext) && !this.maybe(this.#quotedPair)) return false;
    }
    return true;
  };

  readonly #foldedSpace = (): boolean => {
    const hasSpace = this.many(wsp);
    const hasFold = this.maybe(() => this.one(cr) && this.one(lf) && this.many(wsp));
    return hasSpace || hasFold;
  };
}

const wsp = /[ \t]/;
const dot = /\./;
const dash = /-/;
const quote = /"/;
const backslash = /\\/;
const openBracket = /\[/;
const closeBracket = /\]/;
const openParenthesis = /\(/;
const closeParenthesis = /\)/;
const cr = /\r/;
const lf = /\n/;
const achar = /[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uffff]/;
const ctl = "\\x01-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f";
const qtext = new RegExp(`[!#-[\\]-~\\u0080-\\uffff${ctl}]`);
const dtext = new RegExp(`[!-Z^-~\\u0080-\\uffff${ctl}]`);
const ctext = new RegExp(`[!-'*-[\\]-~\\u0080-\\uffff${ctl}]`);
const quotable = new RegExp(`[!-~ \\t\\0\\n\\r${ctl}]`);

/** Nearly every address there is: the scanner accepts it too, twenty times slower. */
const usual = /^[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*@[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*$/;

/** The two parts of an address, verbatim; `undefined` when the whole text is not one (spec 03 §2.1). */
export function splitEmailAddress(text: string): { localPart: string; domain: string } | undefined {
  if (usual.test(text)) {
    const at = text.indexOf("@");
    return { localPart: text.slice(0, at), domain: text.slice(at + 1) };
  }
  const scanner = new EmailScanner(text);
  const localPart = scanner.part(scanner.dotAtom, scanner.quotedString);
  if (localPart === undefined || !scanner.one(/@/)) return undefined;
  const domain = scanner.part(scanner.dotAtom, scanner.domainLiteral);
  return domain !== undefined && scanner.atEnd ? { localPart, domain } : undefined;
}
