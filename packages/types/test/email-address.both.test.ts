import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EmailAddress, EmailAddressError, UserId } from "../src/index.ts";
import { emailAddress, uuid } from "./support/arbitraries.ts";

const parts = (text: string) => {
  const { localPart, domain } = EmailAddress.parts(EmailAddress.parse(text));
  return [localPart, domain];
};

describe("EmailAddress", () => {
  // Rules of spec 03 §2.1 that the vectors do not reach.
  it.each([
    ['"a@b"@c', ['"a@b"', "c"]],
    ['"a\\"b"@c', ['"a\\"b"', "c"]],
    ['""@c', ['""', "c"]],
    ["a@[b@c]", ["a", "[b@c]"]],
    ["a. (note (nested \\) )) b@c", ["a. (note (nested \\) )) b", "c"]],
    ['(note)"a"@c', ['(note)"a"', "c"]],
    ["a@ [b]\r\n ", ["a", " [b]\r\n "]],
    ["a\t@\tb\t", ["a\t", "\tb\t"]],
    ["a--b---c@d", ["a--b---c", "d"]],
  ])("takes %j", (text, expected) => {
    expect(parts(text)).toEqual(expected);
  });

  it.each([
    "a",
    "@",
    "a@",
    "a@b.",
    "a.-b@c",
    "a-.b@c",
    "a b@c",
    "a  @b",
    "(note)a@b",
    'a"b"@c',
    '"a"b@c',
    '"a@b',
    '"a\\"@b',
    "a@[b",
    "a@[b\\c]",
    "a@[b]c",
    "a.(open b@c",
    "a@b\n",
    "a@b\r\nc",
    "a@b>",
    "<a@b>",
  ])("refuses %j", (text) => {
    expect(() => EmailAddress.parse(text)).toThrow(expect.objectContaining({ code: "EMAIL_PARSE_ERROR" }));
  });

  it("takes time in proportion to its length, and no stack", () => {
    const size = 50_000;
    const hostile = [
      "(".repeat(size),
      "a".repeat(size),
      "a.".repeat(size),
      `a.${"( ".repeat(size)}`,
      `"${" ".repeat(size)}`,
    ];
    for (const text of hostile) expect(() => EmailAddress.parse(text)).toThrow(EmailAddressError);
    expect(() => EmailAddress.parse(`a.${"(x)".repeat(size)}@b`)).toThrow(EmailAddressError);
    expect(parts(`a.${"(x)".repeat(size)}b@c`)[1]).toBe("c");
  });

  it("gives an address or an error for any text", () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab.-@"\\()[] \t\r\né'), maxLength: 12 });
    fc.assert(
      fc.property(text, (input) => {
        try {
          const [localPart, domain] = parts(input);
          expect(`${localPart}@${domain}`).toBe(input);
        } catch (error) {
          if (!(error instanceof EmailAddressError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("is ordered by domain, then by local part", () => {
    const sorted = ["z@a", "a@b", "b@b", "a@c"].map((text) => EmailAddress.parse(text));
    expect([...sorted].reverse().sort(EmailAddress.compare)).toEqual(sorted);
    fc.assert(
      fc.property(emailAddress, emailAddress, (a, b) => {
        expect(Math.sign(EmailAddress.compare(a, b))).toBe(-Math.sign(EmailAddress.compare(b, a)) + 0);
        expect(EmailAddress.compare(a, b) === 0).toBe(a === b);
      }),
    );
  });

  it("of a redacted user is refused from outside", () => {
    fc.assert(
      fc.property(uuid(UserId), (id) => {
        const redacted = EmailAddress.redacted(id);
        expect(redacted).toBe(`${id}@redacted.invalid`);
        expect(EmailAddress.parts(redacted)).toEqual({ localPart: id, domain: "redacted.invalid" });
        expect(() => EmailAddress.parse(redacted)).toThrow(expect.objectContaining({ code: "EMAIL_INVALID_DOMAIN" }));
      }),
    );
  });
});
