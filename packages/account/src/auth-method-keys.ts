import { BugError, hasCode } from "@parsec/base";
import type { SendOptions } from "@parsec/connection";
import {
  defaultPasswordParameters,
  deriveAuthMethodKeys,
  emailSalt,
  type KeyDerivation,
  type PasswordAlgorithm,
  passwordToKeyDerivation,
  type SecretKey,
  validateUntrusted,
} from "@parsec/crypto";
import { AccountAuthMethodId, type EmailAddress, type UntrustedPasswordAlgorithm } from "@parsec/types";
import type { NewCredentials } from "./credentials.ts";
import { AccountError } from "./errors.ts";

/** What an authentication method is made of (spec 07 §1). */
export interface AuthMethodKeys {
  readonly authMethodId: AccountAuthMethodId;
  /** Shared with the server: makes the tokens of requests. */
  readonly macKey: SecretKey;
  /** Never leaves this machine: opens the access to the vault key. */
  readonly secretKey: SecretKey;
}

/** A method that the server does not know yet. */
export interface NewAuthMethod extends AuthMethodKeys {
  /** What the server tells at login; `null` without password. */
  readonly passwordAlgorithm: UntrustedPasswordAlgorithm | null;
}

/** The keys for new credentials of the account with that e-mail address. Takes a fraction of a second for a password. */
export async function newAuthMethod(
  credentials: NewCredentials,
  email: EmailAddress,
  options: SendOptions,
): Promise<NewAuthMethod> {
  if ("masterSecret" in credentials) return { ...keysOf(credentials.masterSecret), passwordAlgorithm: null };
  const algorithm = { ...defaultPasswordParameters, salt: emailSalt(email) };
  const keys = await keysOfPassword(credentials.password, algorithm, options);
  return { ...keys, passwordAlgorithm: defaultPasswordParameters };
}

/**
 * The keys for a password that exists, with the parameters that the server gave.
 * @throws AccountError BAD_PASSWORD_ALGORITHM
 */
export async function existingPasswordKeys(
  password: string | Uint8Array,
  email: EmailAddress,
  untrusted: UntrustedPasswordAlgorithm,
  options: SendOptions,
): Promise<AuthMethodKeys> {
  try {
    return await keysOfPassword(password, validateUntrusted(untrusted, email), options);
  } catch (cause) {
    if (hasCode(cause, "ALGORITHM", "DATA_SIZE")) throw new AccountError("BAD_PASSWORD_ALGORITHM", { cause });
    throw cause;
  }
}

async function keysOfPassword(
  password: string | Uint8Array,
  algorithm: PasswordAlgorithm,
  options: SendOptions,
): Promise<AuthMethodKeys> {
  const masterSecret = await passwordToKeyDerivation(password, algorithm, options);
  try {
    return keysOf(masterSecret);
  } finally {
    masterSecret.destroy();
  }
}

/** The keys of a master secret, which stays the caller's. */
export function keysOf(masterSecret: KeyDerivation): AuthMethodKeys {
  const { authMethodId, macKey, secretKey } = deriveAuthMethodKeys(masterSecret);
  const id = AccountAuthMethodId.parse(authMethodId);
  if (id === undefined) throw new BugError("A derived id is no UUID");
  return { authMethodId: id, macKey, secretKey };
}

/** Wipes them. Harmless when done twice. */
export function destroyKeys({ macKey, secretKey }: AuthMethodKeys): void {
  macKey.destroy();
  secretKey.destroy();
}
