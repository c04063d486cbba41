import { fromBase64, requireBytes, requireText, utf8 } from "@parsec/base";
import type { CertBag, PKCS8ShroudedKeyBag, PrivateKeyInfo, SafeBag } from "pkijs";
import { PkiError } from "./errors.ts";
import { softwareX509Key } from "./software-key.ts";
import type { X509Key } from "./x509-key.ts";

/**
 * A key from two texts in PEM: the first certificate, and an unencrypted private key (`PRIVATE KEY`).
 * @throws PkiError INVALID_KEY_FILE, INVALID_CERTIFICATE, PRIVATE_KEY_NOT_FOUND
 */
export async function pemX509Key(certificate: string, privateKey: string): Promise<X509Key> {
  requireText("certificate", certificate);
  requireText("privateKey", privateKey);
  return softwareX509Key(pemBlock(certificate, "CERTIFICATE"), pemBlock(privateKey, "PRIVATE KEY"));
}

function pemBlock(text: string, label: string): Uint8Array {
  const [, body] = new RegExp(`-----BEGIN ${label}-----([\\s\\S]+?)-----END ${label}-----`).exec(text) ?? [];
  const der = body === undefined ? undefined : fromBase64(body.replace(/\s/g, ""));
  if (der === undefined) throw new PkiError("INVALID_KEY_FILE", `The file holds no ${label} in PEM`);
  return der;
}

/**
 * A key from a PKCS#12 file (`.p12`, `.pfx`) with AES encryption, as today's programs write it.
 * @throws PkiError BAD_SECRET, INVALID_KEY_FILE, CERTIFICATE_NOT_FOUND, PRIVATE_KEY_NOT_FOUND, INVALID_CERTIFICATE
 */
export async function pkcs12X509Key(file: Uint8Array, password: string): Promise<X509Key> {
  requireBytes("file", file);
  requireText("password", password);
  const bags = await openPkcs12(file, utf8(password).buffer);
  const privateKey = await firstPrivateKey(bags, utf8(password).buffer);
  const certificates = bags.flatMap(({ bagValue }) => certificateOf(bagValue) ?? []);
  if (certificates.length === 0) throw new PkiError("CERTIFICATE_NOT_FOUND", "The PKCS#12 file holds no certificate");
  for (const certificate of certificates) {
    const key = await softwareX509Key(certificate, privateKey).catch((error: unknown) => {
      if (error instanceof PkiError && error.code === "PRIVATE_KEY_NOT_FOUND") return undefined;
      throw error;
    });
    if (key !== undefined) return key;
  }
  throw new PkiError("PRIVATE_KEY_NOT_FOUND", "The private key of the PKCS#12 file fits none of its certificates");
}

async function openPkcs12(file: Uint8Array, password: ArrayBuffer): Promise<readonly SafeBag[]> {
  const { PFX } = await import("pkijs");
  const pfx = readPfx(() => PFX.fromBER(Uint8Array.from(file)));
  try {
    await pfx.parseInternalValues({ password, checkIntegrity: true });
  } catch (cause) {
    throw new PkiError("BAD_SECRET", "The password of the PKCS#12 file is wrong, or the file is damaged", { cause });
  }
  const safe = pfx.parsedValue?.authenticatedSafe;
  if (safe === undefined) throw new PkiError("INVALID_KEY_FILE", "The PKCS#12 file holds nothing");
  try {
    await safe.parseInternalValues({ safeContents: safe.safeContents.map(() => ({ password })) });
  } catch (cause) {
    throw new PkiError("INVALID_KEY_FILE", "The PKCS#12 file is encrypted in an old way: convert it to AES", { cause });
  }
  const contents: readonly { value: { safeBags: readonly SafeBag[] } }[] = safe.parsedValue.safeContents;
  return contents.flatMap(({ value }) => value.safeBags);
}

function readPfx<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new PkiError("INVALID_KEY_FILE", "The file is no PKCS#12 file", { cause });
  }
}

/** Types of bags (RFC 7292 §4.2). */
const bagIds = { key: "1.2.840.113549.1.12.10.1.1", shroudedKey: "1.2.840.113549.1.12.10.1.2" };

async function firstPrivateKey(bags: readonly SafeBag[], password: ArrayBuffer): Promise<Uint8Array> {
  const { EncryptedContentInfo, getCrypto } = await import("pkijs");
  for (const { bagId, bagValue } of bags) {
    if (bagId === bagIds.key) return new Uint8Array((bagValue as PrivateKeyInfo).toSchema().toBER());
    if (bagId !== bagIds.shroudedKey) continue;
    const { encryptionAlgorithm, encryptedData } = bagValue as PKCS8ShroudedKeyBag;
    const encryptedContentInfo = new EncryptedContentInfo({
      contentEncryptionAlgorithm: encryptionAlgorithm,
      encryptedContent: encryptedData,
    });
    return new Uint8Array(await getCrypto(true).decryptEncryptedContentInfo({ password, encryptedContentInfo }));
  }
  throw new PkiError("PRIVATE_KEY_NOT_FOUND", "The PKCS#12 file holds no private key");
}

function certificateOf(bagValue: SafeBag["bagValue"]): Uint8Array | undefined {
  if (!("certId" in bagValue)) return undefined;
  const { parsedValue } = bagValue as CertBag;
  const isCertificate = typeof parsedValue === "object" && parsedValue !== null && "toSchema" in parsedValue;
  return isCertificate ? new Uint8Array(parsedValue.toSchema().toBER()) : undefined;
}
