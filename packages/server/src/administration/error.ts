import { ParsecError } from "@parsec/base";

/** What an administrator asked for cannot be done (spec 08c §1). `detail` is what the HTTP reply says. */
export class AdministrationError extends ParsecError<"ADMINISTRATION_REFUSED"> {
  override readonly name: string = "AdministrationError";
  readonly httpStatus: 400 | 404;
  readonly detail: string | Readonly<Record<string, string>>;

  constructor(httpStatus: 400 | 404, detail: string | Readonly<Record<string, string>>) {
    super("ADMINISTRATION_REFUSED", typeof detail === "string" ? detail : (detail["msg"] ?? "Refused"));
    this.httpStatus = httpStatus;
    this.detail = detail;
  }
}
