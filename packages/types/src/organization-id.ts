import { ParsecError } from "@parsec/base";
import type { Infer } from "./codec/index.ts";
import { textKind, toNfc, utf8Size } from "./text-kind.ts";

export class OrganizationIdError extends ParsecError<"INVALID_ORGANIZATION_ID"> {
  override readonly name: string = "OrganizationIdError";
  constructor() {
    super("INVALID_ORGANIZATION_ID", "An organization id has 1 to 32 bytes of letters, digits, marks, '_' and '-'");
  }
}

/** The word characters of Unicode UTS 18, and `-`. */
const wordCharacters = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}-]+$/u;

/** Name of an organization on its server (spec 03 §2): NFC, 1 to 32 bytes. `parse` throws {@link OrganizationIdError}. */
export const OrganizationId = /* @__PURE__ */ textKind("OrganizationID", (text) => {
  const id = toNfc(text);
  if (id === undefined || !wordCharacters.test(id) || utf8Size(id) > 32) throw new OrganizationIdError();
  return id;
});
export type OrganizationId = Infer<typeof OrganizationId>;
