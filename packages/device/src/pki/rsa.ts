import { requireBytes } from "@parsec/base";
import { parseX509 } from "./certificate.ts";

/** The two uses of the RSA key of a certificate (spec 06 §13.1). */
export const oaep = { name: "RSA-OAEP", hash: "SHA-256" };
export const pss = { name: "RSA-PSS", hash: "SHA-256" };
export const saltLength = 32;

/**
 * RSAES-OAEP with SHA-256 for the owner of the certificate.
 * @throws PkiError INVALID_CERTIFICATE
 */
export async function encryptForCertificate(
  certificate: Uint8Array,
  data: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await publicKey(certificate, oaep, "encrypt");
  return new Uint8Array(await crypto.subtle.encrypt(oaep, key, Uint8Array.from(data)));
}

/**
 * Whether the owner of the certificate signed this (RSASSA-PSS, SHA-256, salt of 32 bytes).
 * @throws PkiError INVALID_CERTIFICATE
 */
export async function verifyWithCertificate(
  certificate: Uint8Array,
  signature: Uint8Array,
  payload: Uint8Array,
): Promise<boolean> {
  requireBytes("certificate", certificate);
  requireBytes("signature", signature);
  requireBytes("payload", payload);
  const key = await publicKey(certificate, pss, "verify");
  const [signed, message] = [Uint8Array.from(signature), Uint8Array.from(payload)];
  return crypto.subtle.verify({ ...pss, saltLength }, key, signed, message);
}

async function publicKey(certificate: Uint8Array, algorithm: typeof oaep, use: KeyUsage): Promise<CryptoKey> {
  const { subjectPublicKeyInfo } = await parseX509(certificate);
  const spki = subjectPublicKeyInfo.toSchema().toBER();
  return crypto.subtle.importKey("spki", spki, algorithm, false, [use]);
}
