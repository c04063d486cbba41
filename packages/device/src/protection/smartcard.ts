import { equalBytes } from "@parsec/base";
import { SecretKey } from "@parsec/crypto";
import { requireX509Key } from "../arguments.ts";
import { BadAccessStrategyError, DeviceError } from "../errors.ts";
import { isSameCertificate } from "../pki/certificate.ts";
import { PkiError } from "../pki/errors.ts";
import { encryptForCertificate } from "../pki/rsa.ts";
import type { X509Key } from "../pki/x509-key.ts";
import { expectType, type Protection } from "./protection.ts";

/**
 * A key that only the owner of a certificate can open: a smart card, or a key in a file (spec 06 §8.3). The key stays
 * open as long as its owner wants; close it afterwards.
 */
export function smartcard(key: X509Key): Protection {
  requireX509Key(key);
  return {
    type: "pki",
    offlineLogin: true,
    createKey: async () => {
      const secret = SecretKey.generate();
      const encryptedKey = await keyGeneration(() => encryptForCertificate(key.certificate, secret.toBytes()));
      // A key that does not open what it has just protected would lock the device for ever.
      const reopened = await unwrap(key, encryptedKey);
      if (!equalBytes(reopened.toBytes(), secret.toBytes())) throw keyFailed(undefined);
      const fields = {
        type: "pki",
        certificateRef: key.reference,
        algorithm: "RSAES-OAEP-SHA256",
        encryptedKey,
      } as const;
      return { key: secret, fields };
    },
    openKey: async (file) => {
      const { certificateRef, encryptedKey } = expectType(file, "pki");
      if (!isSameCertificate(certificateRef, key.reference)) throw new BadAccessStrategyError("certificate reference");
      return unwrap(key, encryptedKey);
    },
  };
}

async function unwrap(key: X509Key, encryptedKey: Uint8Array): Promise<SecretKey> {
  const bytes = await keyGeneration(() => key.decrypt(encryptedKey));
  if (bytes.length !== SecretKey.size) throw keyFailed(undefined);
  return SecretKey.fromBytes(bytes);
}

async function keyGeneration<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof PkiError ? keyFailed(cause) : cause;
  }
}

function keyFailed(cause: unknown): DeviceError {
  return new DeviceError("CIPHERTEXT_KEY_GENERATION_FAILED", "The certificate's private key does not give the key", {
    cause,
  });
}
