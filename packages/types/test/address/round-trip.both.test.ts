import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AddressError,
  formatAddress,
  formatHttpUrl,
  formatRedirection,
  isSameAddress,
  parseActionAddress,
  parseActionRedirection,
  parseAddress,
  parseAddressInAnyForm,
  parseAnyAddress,
  parseRedirection,
  parseServerHttpUrl,
  toServerAddress,
} from "../../src/index.ts";
import { address } from "../support/arbitraries.ts";

const parsers: readonly ((text: string) => unknown)[] = [
  parseAnyAddress,
  parseActionAddress,
  parseActionRedirection,
  parseServerHttpUrl,
  (text) => parseAddress("organization", text),
  (text) => parseRedirection("invitation", text),
  (text) => parseAddressInAnyForm("workspace_path", text),
];

/** Characters that mean something in a URL, or nothing anywhere. */
const hostile = fc.constantFrom(...'%/?#&=:@[]\\"<> \t\r\n\0+.0aé', "%ff", "\ud800", "no_ssl=");

describe("addresses", () => {
  it("are read back from the canonical form", () => {
    fc.assert(
      fc.property(address, (original) => {
        const text = formatAddress(original);
        const parsed = parseAddress(original.kind, text);
        expect(parsed).toEqual(original);
        expect(formatAddress(parsed)).toBe(text);
        expect(isSameAddress(parseAnyAddress(text), original)).toBe(true);
      }),
    );
  });

  it("are read back from the redirection", () => {
    fc.assert(
      fc.property(address, (original) => {
        const text = formatRedirection(original);
        expect(isSameAddress(parseRedirection(original.kind, text), original)).toBe(true);
        expect(isSameAddress(parseAnyAddress(text), original)).toBe(true);
        expect(text).not.toContain("no_ssl");
      }),
    );
  });

  it("of servers are read back from the HTTP form", () => {
    fc.assert(
      fc.property(address.map(toServerAddress), (server) => {
        expect(parseServerHttpUrl(formatHttpUrl(server))).toEqual(server);
      }),
    );
  });

  it("give a value or an AddressError for damaged texts", () => {
    const form = fc.constantFrom(formatAddress, formatRedirection);
    const damaged = fc
      .tuple(address, form, fc.nat(), fc.nat({ max: 3 }), fc.string({ unit: hostile, maxLength: 3 }))
      .map(([original, format, at, cut, put]) => {
        const text = format(original);
        const start = at % (text.length + 1);
        return text.slice(0, start) + put + text.slice(start + cut);
      });
    fc.assert(
      fc.property(damaged, (text) => {
        for (const parse of parsers) {
          try {
            parse(text);
          } catch (error) {
            if (!(error instanceof AddressError)) throw error;
          }
        }
      }),
    );
  });
});
