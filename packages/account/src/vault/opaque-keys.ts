import { BadReplyError, type SendOptions } from "@parsec/connection";
import type { SecretKey } from "@parsec/crypto";
import { AccountVaultItemOpaqueKeyId, openAccountVaultOpaqueKey, sealAccountVaultOpaqueKey } from "@parsec/types";
import { AccountError } from "../errors.ts";
import type { AccountSession } from "../session.ts";
import { orCorrupted } from "./corrupted.ts";
import { readItems, uploadItem } from "./items.ts";
import { withVault } from "./open-vault.ts";

/** Keeps a key in the vault under a new id, which it gives (spec 07 §7). */
export function uploadOpaqueKey(
  session: AccountSession,
  key: SecretKey,
  options: SendOptions,
): Promise<AccountVaultItemOpaqueKeyId> {
  return withVault(session, options, async ({ method, vaultKey }, joined) => {
    const keyId = AccountVaultItemOpaqueKeyId.generate();
    const encryptedData = sealAccountVaultOpaqueKey(vaultKey, {
      type: "account_vault_item_opaque_key_encrypted_data",
      keyId,
      key,
    });
    const isNew = await uploadItem(method, { type: "account_vault_item_opaque_key", keyId, encryptedData }, joined);
    if (!isNew) throw new BadReplyError("a random id is said to be in use");
    return keyId;
  });
}

/**
 * The key of that id (spec 07 §7).
 * @throws AccountError UNKNOWN_OPAQUE_KEY, CORRUPTED_OPAQUE_KEY
 */
export function fetchOpaqueKey(
  session: AccountSession,
  keyId: AccountVaultItemOpaqueKeyId,
  options: SendOptions,
): Promise<SecretKey> {
  return withVault(session, options, ({ vaultKey, items }) => {
    for (const item of readItems(items.values(), session.diagnostics)) {
      if (item.type !== "account_vault_item_opaque_key" || item.keyId !== keyId) continue;
      const inner = orCorrupted("CORRUPTED_OPAQUE_KEY", () => openAccountVaultOpaqueKey(item.encryptedData, vaultKey));
      if (inner.keyId !== keyId) throw new AccountError("CORRUPTED_OPAQUE_KEY");
      return inner.key;
    }
    throw new AccountError("UNKNOWN_OPAQUE_KEY");
  });
}
