import { ParsecError } from "@parsec/base";

export type AddressErrorCode =
  | "INVALID_URL"
  | "INVALID_URL_SCHEME"
  | "NOT_A_REDIRECTION"
  | "SHOULD_NOT_HAVE_A_PATH"
  | "INVALID_ORGANIZATION_ID"
  | "MISSING_PARAM"
  | "DUPLICATE_PARAM"
  | "INVALID_PARAM_VALUE";

/**
 * The text is not an address of the wanted kind (spec 03 §5.6). Never says what the text holds, for an address may hold
 * a secret token.
 */
export class AddressError extends ParsecError<AddressErrorCode> {
  override readonly name: string = "AddressError";
  /** The query parameter at fault: `a`, `p` or `no_ssl`. */
  readonly param: string | undefined;
  /** The schemes that would do, where the scheme is at fault. */
  readonly expected: string | undefined;

  constructor(
    code: AddressErrorCode,
    message: string,
    { param, expected }: { param?: string; expected?: string } = {},
  ) {
    super(code, message);
    this.param = param;
    this.expected = expected;
  }
}
