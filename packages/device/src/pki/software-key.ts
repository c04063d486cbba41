import { requireBytes } from "@parsec/base";
import { parseX509 } from "./certificate.ts";
import { PkiError } from "./errors.ts";
import { oaep, pss } from "./rsa.ts";
import { webCryptoX509Key } from "./webcrypto-key.ts";
import type { X509Key } from "./x509-key.ts";

/**
 * A key in the memory of this process, from a certificate (DER) and a private key (PKCS#8 DER). For machines without a
 * reader: a token is safer.
 * @throws PkiError INVALID_CERTIFICATE, INVALID_KEY_FILE, PRIVATE_KEY_NOT_FOUND when the two do not belong together
 */
export async function softwareX509Key(certificate: Uint8Array, pkcs8: Uint8Array): Promise<X509Key> {
  requireBytes("certificate", certificate);
  requireBytes("pkcs8", pkcs8);
  await parseX509(certificate);
  return webCryptoX509Key(certificate, await importKeys(pkcs8));
}

async function importKeys(pkcs8: Uint8Array): Promise<{ readonly decrypt: CryptoKey; readonly sign: CryptoKey }> {
  const bytes = Uint8Array.from(pkcs8);
  try {
    return {
      decrypt: await crypto.subtle.importKey("pkcs8", bytes, oaep, false, ["decrypt"]),
      sign: await crypto.subtle.importKey("pkcs8", bytes, pss, false, ["sign"]),
    };
  } catch (cause) {
    throw new PkiError("INVALID_KEY_FILE", "The private key is no RSA key in PKCS#8", { cause });
  }
}
