import { ParsecError } from "@parsec/base";

/** The text of a pattern is not one (spec 04 §11). */
export class PreventSyncPatternError extends ParsecError<"BAD_GLOB" | "BAD_REGEX"> {
  override readonly name: string = "PreventSyncPatternError";
}
