/** The two keys that a browser would keep of one RSA key (PKCS#8 DER): none of them can be extracted again. */
export async function importWebCryptoKeys(
  pkcs8: Uint8Array,
): Promise<{ readonly decrypt: CryptoKey; readonly sign: CryptoKey }> {
  const bytes = Uint8Array.from(pkcs8);
  const key = (name: string, use: KeyUsage) =>
    crypto.subtle.importKey("pkcs8", bytes, { name, hash: "SHA-256" }, false, [use]);
  return { decrypt: await key("RSA-OAEP", "decrypt"), sign: await key("RSA-PSS", "sign") };
}
