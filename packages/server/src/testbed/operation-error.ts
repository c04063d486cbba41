import { ParsecError } from "@parsec/base";

/** An operation of a dump cannot be stored (spec 13 §6). `index` is its position in `operations`. */
export class OperationError extends ParsecError<"BAD_OPERATION"> {
  override readonly name: string = "OperationError";
  readonly index: number;

  constructor(index: number, detail: string) {
    super("BAD_OPERATION", detail);
    this.index = index;
  }
}
