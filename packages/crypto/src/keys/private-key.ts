import { concatBytes, requireArgument, requireBytes } from "@parsec/base";
import { backend } from "../backend/current.ts";
import { sealedBoxOverhead } from "../backend/port.ts";
import { DataSizeError, DecryptionError, SharedSecretKeyError } from "../errors.ts";
import { bytesOf, OpaqueBytes } from "./opaque-bytes.ts";
import { PublicKey } from "./public-key.ts";
import { SecretKey } from "./secret-key.ts";

/** Role argument of the key exchange, as spec 01 §5 names it. */
export type KeyExchangeRole = "CLAIMER" | "GREETER";

/** X25519 private key (spec 01 §5). */
export class PrivateKey extends OpaqueBytes {
  /** 32 bytes. */
  static readonly size = 32;
  #publicKey: PublicKey | undefined;

  private constructor(bytes: Uint8Array<ArrayBuffer>) {
    super("PrivateKey", bytes);
  }

  /**
   * Copies 32 bytes; any 32 bytes are a private key.
   * @throws DataSizeError
   */
  static fromBytes(bytes: Uint8Array): PrivateKey {
    requireBytes("bytes", bytes);
    if (bytes.length !== PrivateKey.size) {
      throw new DataSizeError(`PrivateKey needs ${PrivateKey.size} bytes, got ${bytes.length}`);
    }
    return new PrivateKey(new Uint8Array(bytes));
  }

  /** @throws CryptoNotReadyError */
  static generate(): PrivateKey {
    return new PrivateKey(backend().randomBytes(PrivateKey.size));
  }

  /** @throws CryptoNotReadyError */
  get publicKey(): PublicKey {
    const own = bytesOf(this);
    this.#publicKey ??= PublicKey.fromBytes(backend().x25519Base(own));
    return this.#publicKey;
  }

  /**
   * Opens what `PublicKey.seal` gives.
   * @throws DecryptionError on any failure, an ephemeral key of small order included
   * @throws CryptoNotReadyError
   */
  openSealed(data: Uint8Array): Uint8Array<ArrayBuffer> {
    requireBytes("data", data);
    if (data.length < sealedBoxOverhead) throw new DecryptionError();
    const opened = backend().boxSealOpen(data, bytesOf(this.publicKey), bytesOf(this));
    if (opened === undefined) throw new DecryptionError();
    return opened;
  }

  /**
   * The secret key that two peers share.
   *
   * `role` is the role argument of the primitive: with `CLAIMER` the own public key is hashed first. A real greeting
   * passes the role of the *peer* on both sides: the greeter `CLAIMER`, the claimer `GREETER` (spec 09b §3.4).
   * @throws SharedSecretKeyError when the peer's key is of small order
   * @throws CryptoNotReadyError
   */
  sharedSecretKey(peer: PublicKey, role: KeyExchangeRole): SecretKey {
    requireArgument("role", role, '"CLAIMER" or "GREETER"', role === "CLAIMER" || role === "GREETER");
    const { x25519, blake2b } = backend();
    const shared = x25519(bytesOf(this), bytesOf(peer));
    if (shared === undefined) throw new SharedSecretKeyError();
    const [first, second] = role === "CLAIMER" ? [this.publicKey, peer] : [peer, this.publicKey];
    const input = concatBytes(shared, bytesOf(first), bytesOf(second));
    const hash = blake2b(64, input);
    try {
      return SecretKey.fromBytes(hash.subarray(0, SecretKey.size));
    } finally {
      for (const secret of [shared, input, hash]) secret.fill(0);
    }
  }
}
