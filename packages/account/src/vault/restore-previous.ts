import { hasCode } from "@parsec/base";
import type { SendOptions } from "@parsec/connection";
import type { SecretKey } from "@parsec/crypto";
import { type VaultItemRecoveryVault, vaultItemRecoveryList } from "@parsec/protocol";
import { type AccountVaultItem, openAccountVaultKeyAccess } from "@parsec/types";
import type { NewCredentials } from "../credentials.ts";
import { AccountError } from "../errors.ts";
import { expectOk } from "../reply.ts";
import type { AccountSession } from "../session.ts";
import { orCorrupted } from "./corrupted.ts";
import { uploadItem } from "./items.ts";
import { type OpenVault, withVault } from "./open-vault.ts";
import { PreviousKeys } from "./previous-keys.ts";
import { reencryptItem } from "./reencrypt-item.ts";

export interface RestoredVault {
  /** Items that the current vault did not have, and has now. */
  readonly restored: number;
  /** Items that do not open, or that this version does not know. */
  readonly unreadable: number;
}

/** Copies the items of the previous vault that these former credentials open into the current one (spec 07 §7). */
export function restorePreviousVault(
  session: AccountSession,
  former: NewCredentials,
  options: SendOptions,
): Promise<RestoredVault> {
  return withVault(session, options, async (vault, joined) => {
    const { connection } = vault.method;
    const { previousVaults } = expectOk(await connection.send(vaultItemRecoveryList, {}, joined));
    const keys = new PreviousKeys(former, session.humanHandle.email, joined);
    try {
      for (const previous of previousVaults) {
        const previousKey = await openPrevious(previous, keys);
        if (previousKey === undefined) continue;
        return await copyItems(previous, previousKey, vault, joined).finally(() => previousKey.destroy());
      }
    } finally {
      keys.destroy();
    }
    throw new AccountError("NO_PREVIOUS_VAULT");
  });
}

/** The key of a previous vault; `undefined` when none of its methods has these credentials. */
async function openPrevious(
  { authMethods }: VaultItemRecoveryVault,
  keys: PreviousKeys,
): Promise<SecretKey | undefined> {
  for (const { authMethodId, passwordAlgorithm, vaultKeyAccess } of authMethods) {
    const found = await keys.forAlgorithm(passwordAlgorithm);
    if (found?.authMethodId !== authMethodId) continue;
    return orCorrupted("BAD_VAULT_KEY_ACCESS", () => openAccountVaultKeyAccess(vaultKeyAccess, found.secretKey));
  }
  return undefined;
}

async function copyItems(
  { vaultItems }: VaultItemRecoveryVault,
  previousKey: SecretKey,
  current: OpenVault,
  options: SendOptions,
): Promise<RestoredVault> {
  let restored = 0;
  let unreadable = 0;
  for (const [fingerprint, stored] of vaultItems) {
    if (current.items.has(fingerprint)) continue;
    const item = reencryptedOrNot(stored, previousKey, current.vaultKey);
    if (item === undefined) unreadable += 1;
    else if (await uploadItem(current.method, item, options)) restored += 1;
  }
  return { restored, unreadable };
}

function reencryptedOrNot(stored: Uint8Array, from: SecretKey, to: SecretKey): AccountVaultItem | undefined {
  try {
    return reencryptItem(stored, from, to);
  } catch (error) {
    if (hasCode(error, "CORRUPTED_VAULT_ITEM")) return undefined;
    throw error;
  }
}
