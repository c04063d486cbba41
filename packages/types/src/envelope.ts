import {
  DecryptionError,
  NonceError,
  type PrivateKey,
  type PublicKey,
  type SecretKey,
  type SigningKey,
  type VerifyKey,
} from "@parsec/crypto";
import { type Codec, encode } from "./codec/index.ts";
import { dump, type LoadOptions, load, loadPlain } from "./container.ts";
import { type SignedDocument, trust, Unverified, type Verified, verifySignature } from "./verified.ts";

// The envelopes of spec 02 §5, each formula once. The stages of a loader run in this order: decryption, signature,
// container, integrity; expected values are compared by the callers.
//
// Loaders throw DecryptionError, SignatureError, BadSerializationError and DataIntegrityError, each where its stage
// exists. Writers throw DataIntegrityError when the value breaks a rule of its type.

/** `sig64 ‖ dump` */
export function dumpAndSign<T>(codec: Codec<T>, value: T, signingKey: SigningKey): Uint8Array<ArrayBuffer> {
  return signingKey.sign(dump(codec, value));
}

/** Opens {@link dumpAndSign}. */
export function verifyAndLoad<T>(codec: Codec<T>, signed: Uint8Array, authorKey: VerifyKey): Verified<T> {
  return trust(load(codec, verifySignature(authorKey, signed)), signed);
}

/** `SK.encrypt(dump)` */
export function dumpAndEncrypt<T>(codec: Codec<T>, value: T, key: SecretKey): Uint8Array<ArrayBuffer> {
  return key.encrypt(dump(codec, value));
}

/** Opens {@link dumpAndEncrypt}. */
export function decryptAndLoad<T>(codec: Codec<T>, encrypted: Uint8Array, key: SecretKey, options?: LoadOptions): T {
  return load(codec, decrypt(key, encrypted), options);
}

/** `SK.encrypt(sig64 ‖ dump)` */
export function dumpSignAndEncrypt<T>(
  codec: Codec<T>,
  value: T,
  keys: { readonly signingKey: SigningKey; readonly key: SecretKey },
): Uint8Array<ArrayBuffer> {
  return keys.key.encrypt(dumpAndSign(codec, value, keys.signingKey));
}

/** Opens {@link dumpSignAndEncrypt}. */
export function decryptVerifyAndLoad<T>(
  codec: Codec<T>,
  encrypted: Uint8Array,
  keys: { readonly key: SecretKey; readonly authorKey: VerifyKey },
): Verified<T> {
  return verifyAndLoad(codec, decrypt(keys.key, encrypted), keys.authorKey);
}

/** Opens {@link dumpSignAndEncrypt} before the author is known. */
export function decryptAndUnsecureLoad<T extends SignedDocument>(
  codec: Codec<T>,
  encrypted: Uint8Array,
  key: SecretKey,
): Unverified<T> {
  return Unverified.load(codec, decrypt(key, encrypted));
}

/** `PK.seal(dump)` */
export function dumpAndSeal<T>(codec: Codec<T>, value: T, recipient: PublicKey): Uint8Array<ArrayBuffer> {
  return recipient.seal(dump(codec, value));
}

/** Opens {@link dumpAndSeal}. */
export function unsealAndLoad<T>(codec: Codec<T>, sealed: Uint8Array, recipient: PrivateKey): T {
  return load(codec, recipient.openSealed(sealed));
}

/** `PK.seal(sig64 ‖ dump)` */
export function dumpSignAndSeal<T>(
  codec: Codec<T>,
  value: T,
  keys: { readonly signingKey: SigningKey; readonly recipient: PublicKey },
): Uint8Array<ArrayBuffer> {
  return keys.recipient.seal(dumpAndSign(codec, value, keys.signingKey));
}

/** Opens {@link dumpSignAndSeal}. */
export function unsealVerifyAndLoad<T>(
  codec: Codec<T>,
  sealed: Uint8Array,
  keys: { readonly recipient: PrivateKey; readonly authorKey: VerifyKey },
): Verified<T> {
  return verifyAndLoad(codec, keys.recipient.openSealed(sealed), keys.authorKey);
}

/** `SK.encrypt(msgpack)`, without container. */
export function encodeAndEncrypt<T>(codec: Codec<T>, value: T, key: SecretKey): Uint8Array<ArrayBuffer> {
  return key.encrypt(encode(codec, value));
}

/** Opens {@link encodeAndEncrypt}. */
export function decryptAndLoadPlain<T>(codec: Codec<T>, encrypted: Uint8Array, key: SecretKey): T {
  return loadPlain(codec, decrypt(key, encrypted));
}

/**
 * The decryption of a secret box, with one error for all failures (spec 02 §5).
 * @throws DecryptionError
 */
export function decrypt(key: SecretKey, encrypted: Uint8Array): Uint8Array {
  try {
    return key.decrypt(encrypted);
  } catch (cause) {
    if (cause instanceof NonceError) throw new DecryptionError({ cause });
    throw cause;
  }
}
