import { ParsecError } from "@parsec/base";
import { VerifyKey } from "@parsec/crypto";
import { type Codec, type DeviceId, type SignedDocument, Unverified } from "@parsec/types";
import type { AuthorScope } from "../commands/scope.ts";

/**
 * *cert(X)* of spec 08b §0: a well-formed certificate of that type, signed by the author's device, that says so.
 * `undefined` for anything else.
 */
export function signedByAuthor<T extends SignedDocument>(
  scope: AuthorScope,
  codec: Codec<T>,
  certificate: Uint8Array,
): T | undefined {
  const { device } = scope.author;
  return signedBy(VerifyKey.fromBytes(device.verifyKey), device.deviceId, codec, certificate);
}

/** A certificate signed by that key, whose author is that device, or the root (null). */
export function signedBy<T extends SignedDocument>(
  key: VerifyKey,
  author: DeviceId | null,
  codec: Codec<T>,
  certificate: Uint8Array,
): T | undefined {
  try {
    const unverified = Unverified.load(codec, certificate);
    return unverified.author === author ? unverified.verify(key).value : undefined;
  } catch (error) {
    if (ParsecError.is(error) && error.code !== "CRYPTO_NOT_READY") return undefined;
    throw error;
  }
}

/** The certificate without any check of its signature: `undefined` when it does not decode. For dumps only. */
export function unverified<T extends SignedDocument>(codec: Codec<T>, certificate: Uint8Array): T | undefined {
  try {
    return Unverified.load(codec, certificate).trustOwnStorage().value;
  } catch (error) {
    if (ParsecError.is(error)) return undefined;
    throw error;
  }
}
