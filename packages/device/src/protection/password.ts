import { hasCode, requireText } from "@parsec/base";
import { newPasswordAlgorithm, type PasswordAlgorithm, passwordToSecretKey, type SecretKey } from "@parsec/crypto";
import { DeviceError } from "../errors.ts";
import { expectType, type Protection, type ProtectOptions } from "./protection.ts";

/**
 * A password of any length but none, taken as typed: neither trimmed nor normalized (spec 06 §8.1).
 * @throws InvalidArgumentError for an empty one
 */
export function password(text: string): Protection {
  requireText("text", text, { filled: true });
  return passwordProtection(text, newPasswordAlgorithm);
}

/** `newAlgorithm` gives the parameters and the salt of each save. */
export function passwordProtection(text: string, newAlgorithm: () => PasswordAlgorithm): Protection {
  return {
    type: "password",
    offlineLogin: true,
    createKey: async (options) => {
      const algorithm = newAlgorithm();
      return { key: await derive(text, algorithm, options), fields: { type: "password", algorithm } };
    },
    openKey: async (file, options) => derive(text, expectType(file, "password").algorithm, options),
  };
}

async function derive(text: string, algorithm: PasswordAlgorithm, options: ProtectOptions): Promise<SecretKey> {
  try {
    return await passwordToSecretKey(text, algorithm, options);
  } catch (cause) {
    if (!hasCode(cause, "DATA_SIZE", "CRYPTO_MEMORY", "CRYPTO_WORKER")) throw cause;
    const why = hasCode(cause, "DATA_SIZE") ? "the parameters of the file are out of range" : cause.message;
    throw new DeviceError("CIPHERTEXT_KEY_GENERATION_FAILED", `The key cannot be derived from the password: ${why}`, {
      cause,
    });
  }
}
