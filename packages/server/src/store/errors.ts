import { ParsecError } from "@parsec/base";

/** The store could not do a transaction; nothing of it was kept. The request may be sent again. */
export class StoreUnavailableError extends ParsecError<"STORE_UNAVAILABLE"> {
  override readonly name: string = "StoreUnavailableError";
  constructor(what: string, options: { cause?: unknown } = {}) {
    super("STORE_UNAVAILABLE", `${what}; nothing was changed, try again`, options);
  }
}
