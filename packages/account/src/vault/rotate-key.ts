import { hasCode } from "@parsec/base";
import type { SendOptions } from "@parsec/connection";
import { SecretKey } from "@parsec/crypto";
import { vaultKeyRotation } from "@parsec/protocol";
import { dumpAccountVaultItem, sealAccountVaultKeyAccess } from "@parsec/types";
import { destroyKeys, type NewAuthMethod, newAuthMethod } from "../auth-method-keys.ts";
import type { NewCredentials } from "../credentials.ts";
import { AccountError } from "../errors.ts";
import { expectOk } from "../reply.ts";
import type { AccountSession } from "../session.ts";
import { type OpenVault, withVault } from "./open-vault.ts";
import { reencryptItem } from "./reencrypt-item.ts";

export interface RotateKeyOptions extends SendOptions {
  /**
   * Takes the items that do not open along as they are: they stay readable in the previous vault only. Without it
   * such an item stops the rotation.
   */
  readonly keepUnreadableItems?: boolean | undefined;
}

/** How often the vault may change between its reading and its replacement. */
const maxAttempts = 5;

/** Replaces the vault's key, and all authentication methods by a new one, with which the session goes on (spec 07 §6.4). */
export async function rotateVaultKey(
  session: AccountSession,
  credentials: NewCredentials,
  options: RotateKeyOptions,
): Promise<void> {
  const method = await newAuthMethod(credentials, session.humanHandle.email, options);
  const vaultKey = SecretKey.generate();
  try {
    await withVaultUnchanged(() =>
      withVault(session, options, async (vault, joined) => {
        await sendRotation(vault, method, vaultKey, { ...options, ...joined });
        session.replaceMethod(method);
      }),
    );
  } catch (error) {
    destroyKeys(method);
    throw error;
  } finally {
    vaultKey.destroy();
  }
}

async function withVaultUnchanged(attempt: () => Promise<void>): Promise<void> {
  for (let left = maxAttempts - 1; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0 || !hasCode(error, "VAULT_CHANGED")) throw error;
    }
  }
}

async function sendRotation(
  vault: OpenVault,
  method: NewAuthMethod,
  vaultKey: SecretKey,
  options: RotateKeyOptions,
): Promise<void> {
  const items = new Map(
    [...vault.items].map(([fingerprint, stored]) => [fingerprint, reencrypted(stored, vault, vaultKey, options)]),
  );
  const request = {
    newAuthMethodId: method.authMethodId,
    newAuthMethodMacKey: method.macKey,
    newAuthMethodPasswordAlgorithm: method.passwordAlgorithm,
    newVaultKeyAccess: sealAccountVaultKeyAccess(method.secretKey, vaultKey),
    items,
  };
  expectOk(await vault.method.connection.send(vaultKeyRotation, request, options));
}

function reencrypted(
  stored: Uint8Array,
  { vaultKey }: OpenVault,
  newKey: SecretKey,
  { keepUnreadableItems = false }: RotateKeyOptions,
): Uint8Array {
  try {
    return dumpAccountVaultItem(reencryptItem(stored, vaultKey, newKey));
  } catch (error) {
    if (keepUnreadableItems && error instanceof AccountError) return stored;
    throw error;
  }
}
