import type { SecretKey } from "@parsec/crypto";
import { type AccountVaultItem, loadAccountVaultItem } from "@parsec/types";
import { orCorrupted } from "./corrupted.ts";

/**
 * The same item for another vault key.
 * @throws AccountError CORRUPTED_VAULT_ITEM, also for a kind of item that this version does not know
 */
export function reencryptItem(stored: Uint8Array, from: SecretKey, to: SecretKey): AccountVaultItem {
  return orCorrupted("CORRUPTED_VAULT_ITEM", () => {
    const item = loadAccountVaultItem(stored);
    const content = from.decrypt(item.encryptedData);
    try {
      return { ...item, encryptedData: to.encrypt(content) };
    } finally {
      content.fill(0);
    }
  });
}
