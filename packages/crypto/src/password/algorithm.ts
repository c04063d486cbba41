import { concatBytes, requireObject, requireText, utf8 } from "@parsec/base";
import { backend } from "../backend/current.ts";
import { blake2b } from "../blake2b.ts";
import { AlgorithmError, DataSizeError } from "../errors.ts";

/** Argon2id parameters as a server sends them: the salt is not among them (spec 01 §8). */
export interface UntrustedPasswordAlgorithm {
  readonly type: "ARGON2ID";
  /** In KiB. */
  readonly memlimitKb: number;
  readonly opslimit: number;
  readonly parallelism: number;
}

/** Argon2id parameters ready to be used; also the form kept in a password-protected device file. */
export interface PasswordAlgorithm extends UntrustedPasswordAlgorithm {
  /** 16 bytes. */
  readonly salt: Uint8Array;
}

/** What new passwords get: 128 MiB, 3 passes. Also the least that is accepted from a server. */
export const defaultPasswordParameters: UntrustedPasswordAlgorithm = /* @__PURE__ */ Object.freeze({
  type: "ARGON2ID",
  memlimitKb: 131_072,
  opslimit: 3,
  parallelism: 1,
});

const saltSize = 16;

/** The most that a server may make us spend. The reference has no such bound. */
const untrustedMaximum = { memlimitKb: 1024 * 1024, opslimit: 16 };

/** The most that libsodium's wasm can address, and passes that still end on the same day. A damaged device file must not hang. */
const computableMaximum = { memlimitKb: 2 * 1024 * 1024, opslimit: 1024 };

/**
 * The default parameters with a random salt, for a new device file.
 * @throws CryptoNotReadyError
 */
export function newPasswordAlgorithm(): PasswordAlgorithm {
  return { ...defaultPasswordParameters, salt: backend().randomBytes(saltSize) };
}

/**
 * The salt of an account's password: 16 bytes of BLAKE2b over the e-mail as it is written, case included.
 * @throws CryptoNotReadyError
 */
export function emailSalt(email: string): Uint8Array<ArrayBuffer> {
  requireText("email", email);
  return blake2b(saltSize, concatBytes(utf8("PARSEC_PASSWORD_ARGON2ID."), utf8(email)));
}

/**
 * Accepts what a server says about an account's password, and adds the salt.
 * @throws AlgorithmError when weaker than the defaults, or so strong that it would tie up this machine
 * @throws DataSizeError for a parallelism that libsodium does not compute
 * @throws CryptoNotReadyError
 */
export function validateUntrusted(algorithm: UntrustedPasswordAlgorithm, email: string): PasswordAlgorithm {
  requireObject("algorithm", algorithm);
  const { type, memlimitKb, opslimit, parallelism } = algorithm;
  const least = defaultPasswordParameters;
  if (memlimitKb < least.memlimitKb || opslimit < least.opslimit || parallelism < least.parallelism) {
    throw new AlgorithmError(type, "Config too weak: the server asks for a password derivation below the minimum");
  }
  if (memlimitKb > untrustedMaximum.memlimitKb || opslimit > untrustedMaximum.opslimit) {
    throw new AlgorithmError(
      type,
      "Config too strong: the server asks for a password derivation above 1 GiB or 16 passes",
    );
  }
  const validated = { type, memlimitKb, opslimit, parallelism, salt: emailSalt(email) };
  checkComputable(validated);
  return validated;
}

/**
 * What libsodium can compute at all.
 * @throws DataSizeError
 */
export function checkComputable({ memlimitKb, opslimit, parallelism, salt }: PasswordAlgorithm): void {
  const inRange = (value: number, least: number, most: number) =>
    Number.isSafeInteger(value) && value >= least && value <= most;
  if (!inRange(memlimitKb, 8, computableMaximum.memlimitKb))
    throw outOfRange("memlimitKb", 8, computableMaximum.memlimitKb);
  if (!inRange(opslimit, 1, computableMaximum.opslimit)) throw outOfRange("opslimit", 1, computableMaximum.opslimit);
  if (parallelism !== 1) throw outOfRange("parallelism", 1, 1);
  if (salt.length !== saltSize)
    throw new DataSizeError(`The salt of Argon2id is ${saltSize} bytes, got ${salt.length}`);
}

function outOfRange(parameter: string, least: number, most: number): DataSizeError {
  return new DataSizeError(`Argon2id parameter ${parameter} must be an integer from ${least} to ${most}`);
}
