import { ParsecError, type ParsecErrorOptions } from "@parsec/base";

/** A primitive was called before `ready()` resolved. */
export class CryptoNotReadyError extends ParsecError<"CRYPTO_NOT_READY"> {
  override readonly name: string = "CryptoNotReadyError";
  constructor() {
    super("CRYPTO_NOT_READY", "The crypto backend is not loaded: await ready() of @parsec/crypto first");
  }
}

/** The backend that was asked for cannot be loaded here. */
export class CryptoBackendError extends ParsecError<"CRYPTO_BACKEND_UNAVAILABLE"> {
  override readonly name: string = "CryptoBackendError";
  constructor(message: string, options?: ParsecErrorOptions) {
    super("CRYPTO_BACKEND_UNAVAILABLE", message, options);
  }
}

/** A worker cannot be started, or it died while it worked. */
export class CryptoWorkerError extends ParsecError<"CRYPTO_WORKER"> {
  override readonly name: string = "CryptoWorkerError";
  /** False when none starts here at all. */
  readonly started: boolean;

  constructor(message: string, options: ParsecErrorOptions & { readonly started: boolean }) {
    super("CRYPTO_WORKER", message, options);
    this.started = options.started;
  }
}

/** There is not enough memory for the data, or for what a password derivation asks for. */
export class CryptoMemoryError extends ParsecError<"CRYPTO_MEMORY"> {
  override readonly name: string = "CryptoMemoryError";
  constructor(options?: ParsecErrorOptions) {
    super(
      "CRYPTO_MEMORY",
      "There is not enough memory for this: close other programs or pages, and try again",
      options,
    );
  }
}

/** Wrong number of bytes for a SecretKey, a KeyDerivation or a ShamirShare (spec 01 §1). */
export class KeySizeError extends ParsecError<"KEY_SIZE"> {
  override readonly name: string = "KeySizeError";
  /** Bytes needed; for a Shamir share the least number. */
  readonly expected: number;
  readonly got: number;

  constructor(typeName: string, expected: number, got: number) {
    super("KEY_SIZE", `${typeName} needs ${expected} bytes, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

/** Wrong number of bytes for any other input of fixed size, or parameters out of their range (spec 01 §1). */
export class DataSizeError extends ParsecError<"DATA_SIZE"> {
  override readonly name: string = "DataSizeError";
  constructor(message: string, options?: ParsecErrorOptions) {
    super("DATA_SIZE", message, options);
  }
}

/** A key was used after `destroy()`. */
export class KeyDestroyedError extends ParsecError<"KEY_DESTROYED"> {
  override readonly name: string = "KeyDestroyedError";
  constructor(typeName: string) {
    super("KEY_DESTROYED", `This ${typeName} was destroyed and can't be used any more`);
  }
}

/** The data was not encrypted with this key, or was altered since. */
export class DecryptionError extends ParsecError<"DECRYPTION"> {
  override readonly name: string = "DecryptionError";
  constructor(options?: ParsecErrorOptions) {
    super("DECRYPTION", "Decryption failed: the key is not the right one or the data was altered", options);
  }
}

/** Encrypted data shorter than its 24-byte nonce. */
export class NonceError extends ParsecError<"NONCE"> {
  override readonly name: string = "NonceError";
  constructor() {
    super("NONCE", "The encrypted data is too short to hold its nonce (24 bytes)");
  }
}

/** Signed data shorter than its 64-byte signature, or a raw RSA signature that cannot be made. */
export class SignatureError extends ParsecError<"SIGNATURE"> {
  override readonly name: string = "SignatureError";
  constructor(message = "The signed data is too short to hold its signature", options?: ParsecErrorOptions) {
    super("SIGNATURE", message, options);
  }
}

/** The signature is not one of this key over this message. */
export class SignatureVerificationError extends ParsecError<"SIGNATURE_VERIFICATION"> {
  override readonly name: string = "SignatureVerificationError";
  constructor(options?: ParsecErrorOptions) {
    super(
      "SIGNATURE_VERIFICATION",
      "The signature does not match: another key signed, or the data was altered",
      options,
    );
  }
}

/** An algorithm name that this version does not know, or password parameters outside the accepted range. */
export class AlgorithmError extends ParsecError<"ALGORITHM"> {
  override readonly name: string = "AlgorithmError";
  /** The name found, or which parameter is refused. */
  readonly algorithm: string;

  constructor(algorithm: string, message: string) {
    super("ALGORITHM", message);
    this.algorithm = algorithm;
  }
}

/** A peer's public key of small order, which would give a key that anybody can guess. */
export class SharedSecretKeyError extends ParsecError<"SHARED_SECRET_KEY"> {
  override readonly name: string = "SharedSecretKeyError";
  constructor(options?: ParsecErrorOptions) {
    super("SHARED_SECRET_KEY", "The peer's public key is not usable for a key exchange", options);
  }
}

/** An RSA public key (DER or PEM) that cannot be parsed, or is not RSA. */
export class SequesterPublicKeyDerError extends ParsecError<"SEQUESTER_PUBLIC_KEY_DER"> {
  override readonly name: string = "SequesterPublicKeyDerError";
  constructor(reason: string, options?: ParsecErrorOptions) {
    super("SEQUESTER_PUBLIC_KEY_DER", `Not an RSA public key (SubjectPublicKeyInfo): ${reason}`, options);
  }
}

/** An RSA private key (DER or PEM) that cannot be parsed, or is not RSA. */
export class RsaPrivateKeyDerError extends ParsecError<"RSA_PRIVATE_KEY_DER"> {
  override readonly name: string = "RsaPrivateKeyDerError";
  constructor(reason: string, options?: ParsecErrorOptions) {
    super("RSA_PRIVATE_KEY_DER", `Not an RSA private key (PKCS#8): ${reason}`, options);
  }
}

/** A text or number that is no SAS code. */
export class SasCodeError extends ParsecError<"SAS_CODE"> {
  override readonly name: string = "SasCodeError";
  constructor() {
    super("SAS_CODE", "A SAS code is four characters of A-Z and 2-9 without I and O, or an integer below 2^20");
  }
}

/** A text that is no UUID (32 hex digits, with or without the usual hyphens). */
export class UuidError extends ParsecError<"UUID"> {
  override readonly name: string = "UuidError";
  constructor() {
    super("UUID", "A UUID is 32 hexadecimal digits, with or without hyphens");
  }
}

/** A threshold or number of shares out of 1 to 255, or an empty secret. */
export class ShamirParametersError extends ParsecError<"SHAMIR_PARAMETERS"> {
  override readonly name: string = "ShamirParametersError";
  constructor(message: string) {
    super("SHAMIR_PARAMETERS", message);
  }
}
