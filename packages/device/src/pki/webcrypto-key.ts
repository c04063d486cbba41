import { requireArgument, requireBytes, requireObject } from "@parsec/base";
import { x509CertificateReference } from "./certificate.ts";
import { PkiError } from "./errors.ts";
import { encryptForCertificate, oaep, pss, saltLength, verifyWithCertificate } from "./rsa.ts";
import type { X509Key } from "./x509-key.ts";

/** The private key of a certificate as WebCrypto has it: for each use a `CryptoKey` of its own. Extractable or not. */
export interface WebCryptoKeys {
  /** RSA-OAEP with SHA-256, for `decrypt`. */
  readonly decrypt?: CryptoKey | undefined;
  /** RSA-PSS with SHA-256, for `sign`. */
  readonly sign?: CryptoKey | undefined;
}

/**
 * A key that a browser keeps, in IndexedDB say, and shows to nobody; its certificate is DER. Both uses are not always
 * needed: a device is protected with `decrypt`, an enrollment also signs.
 * @throws PkiError INVALID_CERTIFICATE, PRIVATE_KEY_NOT_FOUND when a key is not that of the certificate; InvalidArgumentError
 */
export async function webCryptoX509Key(certificate: Uint8Array, keys: WebCryptoKeys): Promise<X509Key> {
  requireBytes("certificate", certificate);
  requireObject("keys", keys);
  const { decrypt, sign } = keys;
  requireKey("keys.decrypt", decrypt, oaep.name, "decrypt");
  requireKey("keys.sign", sign, pss.name, "sign");
  requireArgument("keys", keys, "a key to decrypt or to sign", decrypt !== undefined || sign !== undefined);
  const reference = await x509CertificateReference(certificate);
  const key = {
    certificate,
    reference,
    decrypt: (ciphertext: Uint8Array) => open(decrypt, ciphertext),
    sign: (payload: Uint8Array) => signWith(sign, payload),
    close: async () => undefined,
  };
  await checkPair(key, keys);
  return key;
}

function requireKey(argument: string, key: CryptoKey | undefined, algorithm: string, use: KeyUsage): void {
  if (key === undefined) return;
  const name: unknown = Reflect.get(Object(Reflect.get(Object(key), "algorithm")), "name");
  const hash: unknown = Reflect.get(Object(Reflect.get(Object(Reflect.get(Object(key), "algorithm")), "hash")), "name");
  const usages: unknown = Reflect.get(Object(key), "usages");
  const isUsable = name === algorithm && hash === "SHA-256" && Array.isArray(usages) && usages.includes(use);
  requireArgument(argument, key, `a CryptoKey of ${algorithm} with SHA-256 that may ${use}`, isUsable);
}

async function open(key: CryptoKey | undefined, ciphertext: Uint8Array): Promise<Uint8Array> {
  if (key === undefined) throw new PkiError("PRIVATE_KEY_FAILED", "There is no private key to decrypt with");
  try {
    return new Uint8Array(await crypto.subtle.decrypt(oaep, key, Uint8Array.from(ciphertext)));
  } catch (cause) {
    throw new PkiError("PRIVATE_KEY_FAILED", "The private key does not open this ciphertext", { cause });
  }
}

async function signWith(key: CryptoKey | undefined, payload: Uint8Array): Promise<Uint8Array> {
  if (key === undefined) throw new PkiError("PRIVATE_KEY_FAILED", "There is no private key to sign with");
  return new Uint8Array(await crypto.subtle.sign({ ...pss, saltLength }, key, Uint8Array.from(payload)));
}

async function checkPair({ certificate, decrypt, sign }: X509Key, keys: WebCryptoKeys): Promise<void> {
  const probe = crypto.getRandomValues(new Uint8Array(16));
  const isSigner = keys.sign === undefined || (await verifyWithCertificate(certificate, await sign(probe), probe));
  const opens = async () => (await decrypt(await encryptForCertificate(certificate, probe))).length === probe.length;
  const isOpener = keys.decrypt === undefined || (await opens().catch(notThisKey));
  if (!isSigner || !isOpener) {
    throw new PkiError("PRIVATE_KEY_NOT_FOUND", "The private key is not the one of this certificate");
  }
}

function notThisKey(error: unknown): false {
  if (error instanceof PkiError && error.code === "PRIVATE_KEY_FAILED") return false;
  throw error;
}
