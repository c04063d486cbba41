import { PkiError } from "../pki/errors.ts";
import type { TokenCertificate } from "../pki/listed-certificate.ts";
import type { OpenTokenKeyOptions, TokenOptions } from "../pki/token.ts";
import type { X509Key } from "../pki/x509-key.ts";

function noTokens(): PkiError {
  return new PkiError(
    "TOKEN_UNAVAILABLE",
    "A browser reaches no smart card by PKCS#11: use a key in a file, or smartcardService",
  );
}

export async function listTokenCertificates(_options: TokenOptions): Promise<readonly TokenCertificate[]> {
  throw noTokens();
}

export async function openTokenKey(_options: OpenTokenKeyOptions): Promise<X509Key> {
  throw noTokens();
}
