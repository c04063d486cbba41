import { hasCode } from "@parsec/base";
import type { SendOptions } from "@parsec/connection";
import type { SecretKey } from "@parsec/crypto";
import {
  type AccountVaultItemRegistrationDevice,
  type LocalDevice,
  type OrganizationId,
  openLocalDevice,
  sealLocalDevice,
  type UserId,
} from "@parsec/types";
import { AccountError } from "../errors.ts";
import type { AccountSession } from "../session.ts";
import { orCorrupted } from "./corrupted.ts";
import { readItems, uploadItem } from "./items.ts";
import { type OpenVault, withVault } from "./open-vault.ts";

/** Whom a registration device belongs to. */
export interface OrganizationUser {
  readonly organizationId: OrganizationId;
  readonly userId: UserId;
}

/** The users for whom the vault has a registration device that opens. */
export function listRegistrationDevices(
  session: AccountSession,
  options: SendOptions,
): Promise<readonly OrganizationUser[]> {
  return withVault(session, options, (vault) =>
    registrationItems(session, vault)
      .filter((item) => isUsable(item, vault.vaultKey))
      .map(({ organizationId, userId }) => ({ organizationId, userId })),
  );
}

/**
 * The registration device of a user: it is there to register a new device, not to be used as one.
 * @throws AccountError UNKNOWN_REGISTRATION_DEVICE, CORRUPTED_REGISTRATION_DEVICE
 */
export function fetchRegistrationDevice(
  session: AccountSession,
  { organizationId, userId }: OrganizationUser,
  options: SendOptions,
): Promise<LocalDevice> {
  return withVault(session, options, (vault) => {
    const item = registrationItems(session, vault).find(
      (other) => other.organizationId === organizationId && other.userId === userId,
    );
    if (item === undefined) throw new AccountError("UNKNOWN_REGISTRATION_DEVICE");
    return openItem(item, vault.vaultKey);
  });
}

/**
 * Keeps a device that was registered with the purpose `REGISTRATION`; a vault has one for each user.
 * @throws AccountError REGISTRATION_DEVICE_ALREADY_EXISTS
 */
export function uploadRegistrationDevice(
  session: AccountSession,
  device: LocalDevice,
  options: SendOptions,
): Promise<void> {
  return withVault(session, options, async ({ method, vaultKey }, joined) => {
    const { organizationId, userId } = device;
    const encryptedData = sealLocalDevice(vaultKey, device);
    const item = { type: "account_vault_item_registration_device", organizationId, userId, encryptedData } as const;
    const isNew = await uploadItem(method, item, joined);
    if (!isNew) throw new AccountError("REGISTRATION_DEVICE_ALREADY_EXISTS");
  });
}

function registrationItems(
  { diagnostics }: AccountSession,
  { items }: OpenVault,
): readonly AccountVaultItemRegistrationDevice[] {
  return readItems(items.values(), diagnostics).filter(
    (item) => item.type === "account_vault_item_registration_device",
  );
}

function openItem(item: AccountVaultItemRegistrationDevice, vaultKey: SecretKey): LocalDevice {
  const code = "CORRUPTED_REGISTRATION_DEVICE";
  const device = orCorrupted(code, () => openLocalDevice(item.encryptedData, vaultKey));
  const isSame = device.organizationId === item.organizationId && device.userId === item.userId;
  if (!isSame) throw new AccountError(code);
  return device;
}

function isUsable(item: AccountVaultItemRegistrationDevice, vaultKey: SecretKey): boolean {
  try {
    openItem(item, vaultKey);
    return true;
  } catch (error) {
    if (hasCode(error, "CORRUPTED_REGISTRATION_DEVICE")) return false;
    throw error;
  }
}
