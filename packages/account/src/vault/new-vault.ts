import { SecretKey } from "@parsec/crypto";
import { sealAccountVaultKeyAccess } from "@parsec/types";
import { destroyKeys, type NewAuthMethod } from "../auth-method-keys.ts";

/**
 * Gives `send` what a new account has: its first method, and the access to the key of its empty vault. All keys are
 * wiped afterwards.
 */
export async function withNewVault(
  method: NewAuthMethod,
  send: (method: NewAuthMethod, vaultKeyAccess: Uint8Array) => Promise<void>,
): Promise<void> {
  const vaultKey = SecretKey.generate();
  try {
    await send(method, sealAccountVaultKeyAccess(method.secretKey, vaultKey));
  } finally {
    vaultKey.destroy();
    destroyKeys(method);
  }
}
