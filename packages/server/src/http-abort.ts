import { ParsecError } from "@parsec/base";
import { type HttpStatusName, httpDetails } from "@parsec/protocol";

/** Ends a request at the HTTP level, without a reply of the command (spec 08a §1.1). */
export class HttpAbort extends ParsecError<"HTTP_ABORT"> {
  override readonly name: string = "HttpAbort";
  readonly status: Exclude<HttpStatusName, "ok">;

  constructor(status: Exclude<HttpStatusName, "ok">) {
    super("HTTP_ABORT", httpDetails[status]);
    this.status = status;
  }
}
