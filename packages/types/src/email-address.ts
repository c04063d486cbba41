import { ParsecError } from "@parsec/base";
import type { Brand } from "./brand.ts";
import { splitEmailAddress } from "./email-grammar.ts";
import type { UserId } from "./ids.ts";
import { type TextKind, textKind } from "./text-kind.ts";

export class EmailAddressError extends ParsecError<
  "EMAIL_PARSE_ERROR" | "EMAIL_UNICODE_NOT_SUPPORTED" | "EMAIL_INVALID_DOMAIN"
> {
  override readonly name: string = "EmailAddressError";
}

/** The domain of the handles shown for redacted users. No address given from outside may have it (spec 03 §2.2). */
export const redactedDomain = "redacted.invalid";

/** An e-mail address, kept verbatim (spec 03 §2.1): no trimming, no case folding. */
export type EmailAddress = Brand<string, "EmailAddress">;

export interface EmailAddressParts {
  readonly localPart: string;
  readonly domain: string;
}

export interface EmailAddressKind extends TextKind<"EmailAddress"> {
  /** @throws EmailAddressError */
  parse(text: string): EmailAddress;
  parts(email: EmailAddress): EmailAddressParts;
  /** Negative, zero or positive: by domain, then by local part. */
  compare(a: EmailAddress, b: EmailAddress): number;
  /** The address of a redacted user: the only one with the domain {@link redactedDomain}. */
  redacted(id: UserId): EmailAddress;
}

export const EmailAddress: EmailAddressKind = {
  .../* @__PURE__ */ textKind("EmailAddress", (text) => {
    const parts = splitEmailAddress(text);
    if (parts === undefined)
      throw new EmailAddressError("EMAIL_PARSE_ERROR", "Expected an address like alice@example.com");
    if (/[^\0-\x7f]/.test(text)) {
      throw new EmailAddressError("EMAIL_UNICODE_NOT_SUPPORTED", "Write an address in ASCII, its domain in punycode");
    }
    if (parts.domain === redactedDomain) {
      throw new EmailAddressError("EMAIL_INVALID_DOMAIN", `The domain ${redactedDomain} is reserved`);
    }
    return text;
  }),
  parts,
  compare: (a, b) => {
    const [partsA, partsB] = [parts(a), parts(b)];
    return compareTexts(partsA.domain, partsB.domain) || compareTexts(partsA.localPart, partsB.localPart);
  },
  redacted: (id) => `${id}@${redactedDomain}` as EmailAddress,
};

function parts(email: EmailAddress): EmailAddressParts {
  return splitEmailAddress(email) ?? { localPart: email, domain: "" };
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
