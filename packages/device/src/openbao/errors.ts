import { ParsecError } from "@parsec/base";

/**
 * - `OPENBAO_BAD_URL`: the configured address is no http(s) URL.
 * - `OPENBAO_NO_RESPONSE`: no answer, or one that says that the service is not there (sealed, 5xx): try again later.
 * - `OPENBAO_PERMISSION_DENIED`: the login has expired, or is another entity's: log in again.
 * - `OPENBAO_BAD_RESPONSE`: an answer that an OpenBao of this use does not give.
 * - `OPENBAO_BAD_SIGNATURE`: the signature is not the author's.
 * - `OPENBAO_UNEXPECTED_AUTHOR`: the signature is genuine, but its author has another e-mail, or none.
 */
export type OpenBaoErrorCode =
  | "OPENBAO_BAD_URL"
  | "OPENBAO_NO_RESPONSE"
  | "OPENBAO_PERMISSION_DENIED"
  | "OPENBAO_BAD_RESPONSE"
  | "OPENBAO_BAD_SIGNATURE"
  | "OPENBAO_UNEXPECTED_AUTHOR";

/** See {@link OpenBaoErrorCode}. Holds neither the token nor a key. */
export class OpenBaoError extends ParsecError<OpenBaoErrorCode> {
  override readonly name: string = "OpenBaoError";
}

export function badResponse(detail: string, cause?: unknown): OpenBaoError {
  return new OpenBaoError("OPENBAO_BAD_RESPONSE", `The OpenBao server answered nonsense: ${detail}`, { cause });
}
