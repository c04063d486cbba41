/**
 * The port to an RSA implementation (spec 01 §11): node:crypto on Node, WebCrypto in browsers, or any other WebCrypto.
 * SHA-256 everywhere, MGF1 with SHA-256. Keys are DER, already parsed once: an engine may still reject one that it
 * doesn't support, with any error.
 */
export interface RsaEngine {
  readonly name: string;
  /** A PKCS#8 key with the public exponent 65537. */
  generate(bits: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Parsec's label is empty; others are for test vectors. */
  oaepEncrypt(spki: Uint8Array, data: Uint8Array, label?: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** `undefined` when the ciphertext is not one of this key. */
  oaepDecrypt(pkcs8: Uint8Array, data: Uint8Array, label?: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined>;
  pssSign(pkcs8: Uint8Array, data: Uint8Array, saltLength: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Accepts any salt length. */
  pssVerify(spki: Uint8Array, signature: Uint8Array, data: Uint8Array): Promise<boolean>;
}
