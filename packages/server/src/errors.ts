import { ParsecError } from "@parsec/base";

export type StartServerErrorCode = "ADDRESS_IN_USE" | "CANNOT_LISTEN" | "ADMINISTRATION_TOKEN_MISSING" | "BAD_OPTION";

/** The server did not start; nothing of it is left running. */
export class StartServerError extends ParsecError<StartServerErrorCode> {
  override readonly name: string = "StartServerError";
}
