import { Bytes, type Infer, oneOf, tagged } from "../codec/index.ts";
import { dump, load } from "../container.ts";
import { AccountVaultItemOpaqueKeyId, UserId } from "../ids.ts";
import { OrganizationId } from "../organization-id.ts";

/** A key kept for a device file, encrypted with the vault's key (spec 04 §8). The id stands inside once more. */
export const AccountVaultItemOpaqueKey = /* @__PURE__ */ tagged("type", "account_vault_item_opaque_key", {
  keyId: AccountVaultItemOpaqueKeyId,
  encryptedData: Bytes,
});
export type AccountVaultItemOpaqueKey = Infer<typeof AccountVaultItemOpaqueKey>;

/** A registration device: `encryptedData` is a local device, encrypted with the vault's key (spec 04 §8). */
export const AccountVaultItemRegistrationDevice = /* @__PURE__ */ tagged(
  "type",
  "account_vault_item_registration_device",
  { organizationId: OrganizationId, userId: UserId, encryptedData: Bytes },
);
export type AccountVaultItemRegistrationDevice = Infer<typeof AccountVaultItemRegistrationDevice>;

export const AccountVaultItem = /* @__PURE__ */ oneOf(AccountVaultItemOpaqueKey, AccountVaultItemRegistrationDevice);
export type AccountVaultItem = Infer<typeof AccountVaultItem>;

export function dumpAccountVaultItem(item: AccountVaultItem): Uint8Array<ArrayBuffer> {
  return dump(AccountVaultItem, item);
}

/** @throws BadSerializationError also for the items of a later version, which spec 07 §3.2 tolerates */
export function loadAccountVaultItem(bytes: Uint8Array): AccountVaultItem {
  return load(AccountVaultItem, bytes);
}
