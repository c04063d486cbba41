import { requireBytes } from "@parsec/base";
import type { X509CertificateReference } from "@parsec/types";
import { parseX509, x509CertificateReference } from "./certificate.ts";
import { PkiError } from "./errors.ts";
import type { X509Key } from "./x509-key.ts";

/**
 * A key in the memory of this process, from a certificate (DER) and a private key (PKCS#8 DER). For machines without a
 * reader: a token is safer.
 * @throws PkiError INVALID_CERTIFICATE, INVALID_KEY_FILE, PRIVATE_KEY_NOT_FOUND when the two do not belong together
 */
export async function softwareX509Key(certificate: Uint8Array, pkcs8: Uint8Array): Promise<X509Key> {
  requireBytes("certificate", certificate);
  requireBytes("pkcs8", pkcs8);
  const reference = await x509CertificateReference(certificate);
  const keys = await importKeys(pkcs8);
  await checkPair(certificate, keys.decrypt);
  return { certificate, reference, ...operations(keys), close: async () => undefined };
}

interface Keys {
  readonly decrypt: CryptoKey;
  readonly sign: CryptoKey;
}

const oaep = { name: "RSA-OAEP", hash: "SHA-256" };
const pss = { name: "RSA-PSS", hash: "SHA-256" };
const saltLength = 32;

async function importKeys(pkcs8: Uint8Array): Promise<Keys> {
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

function operations(keys: Keys): Pick<X509Key, "decrypt" | "sign"> {
  return {
    decrypt: async (ciphertext) => {
      try {
        return new Uint8Array(await crypto.subtle.decrypt(oaep, keys.decrypt, Uint8Array.from(ciphertext)));
      } catch (cause) {
        throw new PkiError("PRIVATE_KEY_FAILED", "The private key does not open this ciphertext", { cause });
      }
    },
    sign: async (payload) => {
      const signature = await crypto.subtle.sign({ ...pss, saltLength }, keys.sign, Uint8Array.from(payload));
      return new Uint8Array(signature);
    },
  };
}

async function checkPair(certificate: Uint8Array, key: CryptoKey): Promise<void> {
  const probe = crypto.getRandomValues(new Uint8Array(16));
  const sealed = await encryptForCertificate(certificate, probe);
  try {
    await crypto.subtle.decrypt(oaep, key, sealed);
  } catch (cause) {
    throw new PkiError("PRIVATE_KEY_NOT_FOUND", "The private key is not the one of this certificate", { cause });
  }
}

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

/** Two references are equal when their hashes are: what else they say only helps to find the certificate. */
export function isSameCertificate(a: X509CertificateReference, b: X509CertificateReference): boolean {
  return a.hash === b.hash;
}
