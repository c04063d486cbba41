import { SignatureError, SignatureVerificationError, splitSigned, type VerifyKey } from "@parsec/crypto";
import type { Codec } from "./codec/index.ts";
import { type LoadOptions, load } from "./container.ts";
import type { DeviceId } from "./ids.ts";
import type { DateTime } from "./time.ts";

/** What every signed document tells of itself. The sequester certificates have no author. */
export interface SignedDocument {
  readonly type: string;
  readonly author?: DeviceId | null;
  readonly timestamp: DateTime;
}

/** Makes a `Verified` of what was checked, or comes from a trusted place. Not for use outside this package. */
export let trust: <T>(value: T, signed: Uint8Array) => Verified<T>;

/**
 * A document whose signature was checked, with the bytes that were signed. Only the loaders of this package make one.
 *
 * `signed` is what to store and to forward: signed bytes are never made again from `value` (spec 02, golden rule).
 */
export class Verified<out T> {
  /** Makes the type nominal: no other object is a `Verified`, whatever it holds. */
  declare private readonly brand: "verified";
  readonly value: T;
  readonly signed: Uint8Array;

  static {
    trust = (value, signed) => new Verified(value, signed);
  }

  private constructor(value: T, signed: Uint8Array) {
    this.value = value;
    this.signed = signed;
  }
}

/**
 * A document whose signature is not checked yet. It tells what is needed to find the key of its author, and nothing
 * else: the rest comes out of {@link Unverified.verify} (spec 04 §1.3).
 */
export class Unverified<out T extends SignedDocument> {
  readonly type: T["type"];
  /** `null`: the root key of the organization. */
  readonly author: DeviceId | null;
  readonly timestamp: DateTime;
  readonly signed: Uint8Array;
  readonly #value: T;

  private constructor(value: T, signed: Uint8Array) {
    this.type = value.type;
    this.author = value.author ?? null;
    this.timestamp = value.timestamp;
    this.signed = signed;
    this.#value = value;
  }

  /**
   * Reads signature (64) ‖ container without checking the signature.
   * @throws SignatureError when shorter than a signature
   * @throws BadSerializationError
   * @throws DataIntegrityError
   */
  static load<T extends SignedDocument>(codec: Codec<T>, signed: Uint8Array, options?: LoadOptions): Unverified<T> {
    return new Unverified(load(codec, splitSigned(signed).message, options), signed);
  }

  /**
   * The document, once its signature is checked. Nothing else is compared.
   * @throws SignatureError when `authorKey` did not sign these bytes
   */
  verify(authorKey: VerifyKey): Verified<T> {
    verifySignature(authorKey, this.signed);
    return trust(this.#value, this.signed);
  }

  /** The document without any check: only for bytes that this device itself has encrypted and stored. */
  trustOwnStorage(): Verified<T> {
    return trust(this.#value, this.signed);
  }
}

/**
 * The message of signature (64) ‖ message, once verified. It is a view on `signed`.
 * @throws SignatureError whatever is wrong (spec 02 §5)
 */
export function verifySignature(authorKey: VerifyKey, signed: Uint8Array): Uint8Array {
  try {
    return authorKey.verify(signed);
  } catch (cause) {
    if (cause instanceof SignatureVerificationError) throw new SignatureError(cause.message, { cause });
    throw cause;
  }
}
