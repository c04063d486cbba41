import { type Diagnostics, hasCode } from "@parsec/base";
import type { SendOptions } from "@parsec/connection";
import { type HashDigest, opaqueKeyFingerprint, registrationDeviceFingerprint } from "@parsec/crypto";
import { vaultItemUpload } from "@parsec/protocol";
import { type AccountVaultItem, dumpAccountVaultItem, loadAccountVaultItem } from "@parsec/types";
import { unexpectedStatus } from "../reply.ts";
import type { ActiveMethod } from "../session.ts";

/** The items of a vault. One that cannot be read is left out: it may be of a kind that this version does not know. */
export function readItems(stored: Iterable<Uint8Array>, diagnostics: Diagnostics): readonly AccountVaultItem[] {
  return [...stored].flatMap((bytes) => {
    const item = readItem(bytes);
    if (item === undefined) diagnostics({ area: "account", event: "vault_item_skipped" });
    return item ?? [];
  });
}

function readItem(bytes: Uint8Array): AccountVaultItem | undefined {
  try {
    return loadAccountVaultItem(bytes);
  } catch (error) {
    if (hasCode(error, "BAD_SERIALIZATION", "DATA_INTEGRITY")) return undefined;
    throw error;
  }
}

/** Adds an item to the current vault; `false` when it has one of that fingerprint (spec 07 §3.2). */
export async function uploadItem(
  { connection }: ActiveMethod,
  item: AccountVaultItem,
  options: SendOptions,
): Promise<boolean> {
  const fields = { itemFingerprint: fingerprint(item), item: dumpAccountVaultItem(item) };
  const reply = await connection.send(vaultItemUpload, fields, options);
  switch (reply.status) {
    case "ok":
      return true;
    case "fingerprint_already_exists":
      return false;
    case "unknown_status":
      throw unexpectedStatus(reply);
  }
}

function fingerprint(item: AccountVaultItem): HashDigest {
  switch (item.type) {
    case "account_vault_item_opaque_key":
      return opaqueKeyFingerprint(item.keyId);
    case "account_vault_item_registration_device":
      return registrationDeviceFingerprint(item.organizationId, item.userId);
  }
}
