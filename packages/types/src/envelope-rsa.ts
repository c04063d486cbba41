import {
  AlgorithmError,
  DataSizeError,
  DecryptionError,
  KeySizeError,
  NonceError,
  type SequesterPrivateKey,
  type SequesterPublicKey,
  type SequesterSigningKey,
  type SequesterVerifyKey,
  SignatureError,
  SignatureVerificationError,
} from "@parsec/crypto";
import type { Codec } from "./codec/index.ts";
import { dump, load } from "./container.ts";
import { trust, type Verified } from "./verified.ts";

// The envelopes of spec 02 §5 that an RSA key makes: asynchronous, and with an armor that names the algorithm.

/** `armor_sign(dump)` */
export function dumpAndArmorSign<T>(
  codec: Codec<T>,
  value: T,
  signingKey: SequesterSigningKey,
): Promise<Uint8Array<ArrayBuffer>> {
  return signingKey.sign(dump(codec, value));
}

/**
 * Opens {@link dumpAndArmorSign}.
 * @throws SignatureError for a bad armor as for a bad signature (spec 04 §1.1)
 * @throws BadSerializationError
 */
export async function armorVerifyAndLoad<T>(
  codec: Codec<T>,
  signed: Uint8Array,
  verifyKey: SequesterVerifyKey,
): Promise<Verified<T>> {
  return trust(load(codec, await verifyArmored(signed, verifyKey)), signed);
}

/** `armor_encrypt(dump)` */
export function dumpAndArmorEncrypt<T>(
  codec: Codec<T>,
  value: T,
  recipient: SequesterPublicKey,
): Promise<Uint8Array<ArrayBuffer>> {
  return recipient.encrypt(dump(codec, value));
}

/**
 * Opens {@link dumpAndArmorEncrypt}.
 * @throws DecryptionError
 * @throws BadSerializationError
 */
export async function armorDecryptAndLoad<T>(
  codec: Codec<T>,
  encrypted: Uint8Array,
  recipient: SequesterPrivateKey,
): Promise<T> {
  return load(codec, await decryptArmored(encrypted, recipient));
}

async function verifyArmored(signed: Uint8Array, verifyKey: SequesterVerifyKey): Promise<Uint8Array> {
  try {
    return await verifyKey.verify(signed);
  } catch (cause) {
    if (isBadArmor(cause) || cause instanceof SignatureVerificationError) {
      throw new SignatureError("The data is not signed by the sequester authority", { cause });
    }
    throw cause;
  }
}

async function decryptArmored(encrypted: Uint8Array, recipient: SequesterPrivateKey): Promise<Uint8Array> {
  try {
    return await recipient.decrypt(encrypted);
  } catch (cause) {
    if (isBadArmor(cause) || cause instanceof KeySizeError || cause instanceof NonceError) {
      throw new DecryptionError({ cause });
    }
    throw cause;
  }
}

function isBadArmor(error: unknown): boolean {
  return error instanceof DecryptionError || error instanceof AlgorithmError || error instanceof DataSizeError;
}
