import { ParsecError, type ParsecErrorOptions } from "@parsec/base";
import { type Codec, type Infer, named, tuple } from "./codec/index.ts";
import { EmailAddress, redactedDomain } from "./email-address.ts";
import type { UserId } from "./ids.ts";
import { textKind, toNfc, utf8Size } from "./text-kind.ts";

export class HumanHandleError extends ParsecError<"INVALID_EMAIL" | "INVALID_LABEL"> {
  override readonly name: string = "HumanHandleError";
  constructor(code: "INVALID_EMAIL" | "INVALID_LABEL", options?: ParsecErrorOptions) {
    const message =
      code === "INVALID_EMAIL"
        ? "The e-mail address is not valid"
        : 'A label has 1 to 254 bytes and none of < > @ , : ; \\ " [ ]';
    super(code, message, options);
  }
}

/** The name of a human (spec 03 §2): NFC, 1 to 254 bytes. `parse` throws {@link HumanHandleError}. */
export const HumanLabel = /* @__PURE__ */ textKind("String", (text) => {
  const label = toNfc(text);
  if (label === undefined || !isLabel(label)) throw new HumanHandleError("INVALID_LABEL");
  return label;
});
export type HumanLabel = Infer<typeof HumanLabel>;

function isLabel(label: string): boolean {
  return label !== "" && utf8Size(label) <= 254 && !/[<>@,:;\\"[\]]/.test(label);
}

/** The check that forms use while one types: the rule of {@link HumanLabel} on the raw text (spec 03 §2.2). */
export function isValidHumanLabel(text: string): boolean {
  return isLabel(text);
}

/** A human: the e-mail address identifies, the label only informs (spec 03 §2.2). `[email, label]` on the wire. */
export interface HumanHandle {
  readonly email: EmailAddress;
  readonly label: HumanLabel;
}

const pair = /* @__PURE__ */ tuple(EmailAddress, HumanLabel);

export interface HumanHandleKind extends Codec<HumanHandle> {
  /** Checks the e-mail address first. @throws HumanHandleError */
  parse(email: string, label: string): HumanHandle;
  /** Same e-mail address: labels do not count. */
  equals(a: HumanHandle, b: HumanHandle): boolean;
  /** `Boby McBobFace <bob@example.com>` */
  display(handle: HumanHandle): string;
  /** The handle shown for a user whose certificate is redacted. Its domain is refused everywhere else. */
  redacted(id: UserId): HumanHandle;
  isRedacted(handle: HumanHandle): boolean;
}

export const HumanHandle: HumanHandleKind = {
  .../* @__PURE__ */ named<Codec<HumanHandle>>("HumanHandle", {
    schema: pair.schema,
    encode: (writer, { email, label }) => pair.encode(writer, [email, label]),
    decode: (reader) => {
      const [email, label] = pair.decode(reader);
      return { email, label };
    },
  }),
  parse: (email, label) => ({ email: parseEmail(email), label: HumanLabel.parse(label) }),
  equals: (a, b) => a.email === b.email,
  display: ({ email, label }) => `${label} <${email}>`,
  redacted: (id) => ({ email: EmailAddress.redacted(id), label: HumanLabel.parse(id) }),
  isRedacted: ({ email }) => EmailAddress.parts(email).domain === redactedDomain,
};

function parseEmail(text: string): EmailAddress {
  try {
    return EmailAddress.parse(text);
  } catch (cause) {
    if (ParsecError.is(cause)) throw new HumanHandleError("INVALID_EMAIL", { cause });
    throw cause;
  }
}
