import { hasCode } from "@parsec/base";
import {
  type DateTime,
  type DeviceFile,
  type DeviceId,
  type DeviceLabel,
  type HumanHandle,
  loadDeviceFile,
  type OrganizationId,
  type ServerAddress,
  type TotpOpaqueKeyId,
  type UserId,
  type X509CertificateReference,
} from "@parsec/types";
import { hasOwnKey } from "../protection/own-key.ts";
import type { DeviceStore } from "../store/port.ts";
import { invalidData } from "./seal.ts";
import { reading } from "./store-errors.ts";

/** How an available device is protected, and what helps to find the right secret. */
export type AvailableProtection =
  /** Only of a device that waits: its protection was not chosen yet. */
  | { readonly type: "none" }
  | { readonly type: "password" | "keyring" | "recovery" | "account_vault" }
  | { readonly type: "pki"; readonly certificateRef: X509CertificateReference }
  | { readonly type: "openbao"; readonly preferredAuthId: string; readonly entityId: string };

/** What a device file tells without being unlocked. For display: nothing of it is authenticated. */
export interface AvailableDevice {
  /** In the device store. */
  readonly path: string;
  readonly createdOn: DateTime;
  /** When it was last saved. */
  readonly protectedOn: DateTime;
  readonly serverAddress: ServerAddress;
  readonly organizationId: OrganizationId;
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  readonly humanHandle: HumanHandle;
  readonly deviceLabel: DeviceLabel;
  /** Set when the device has a second factor. */
  readonly totpOpaqueKeyId: TotpOpaqueKeyId | null;
  readonly protection: AvailableProtection;
}

export function availableDevice(path: string, file: DeviceFile): AvailableDevice {
  const { createdOn, protectedOn, organizationId, userId, deviceId, humanHandle, deviceLabel } = file;
  return {
    path,
    createdOn,
    protectedOn,
    serverAddress: file.serverUrl,
    organizationId,
    userId,
    deviceId,
    humanHandle,
    deviceLabel,
    totpOpaqueKeyId: (file.type === "recovery" ? null : file.totpOpaqueKeyId) ?? null,
    protection: availableProtection(file),
  };
}

function availableProtection(file: DeviceFile): AvailableProtection {
  switch (file.type) {
    case "pki":
      return { type: "pki", certificateRef: file.certificateRef };
    case "openbao":
      return { type: "openbao", preferredAuthId: file.openbaoPreferredAuthId, entityId: file.openbaoEntityId };
    case "keyring":
      return { type: hasOwnKey(file) ? "none" : "keyring" };
    default:
      return { type: file.type };
  }
}

/** No device file is near as long: more is not read as one. */
const maxDeviceFileSize = 1024 * 1024;

/** @throws DeviceError INVALID_DATA */
export function parseDeviceFile(bytes: Uint8Array): DeviceFile {
  if (bytes.length > maxDeviceFileSize) throw invalidData("The file is too long to be a device file", undefined);
  try {
    return loadDeviceFile(bytes);
  } catch (cause) {
    if (!hasCode(cause, "BAD_SERIALIZATION", "DATA_INTEGRITY")) throw cause;
    throw invalidData("The file is damaged, or is no device file", cause);
  }
}

/** @throws DeviceError STORAGE_NOT_AVAILABLE, INVALID_PATH, INVALID_DATA */
export async function readDeviceFile(store: DeviceStore, path: string): Promise<DeviceFile> {
  return parseDeviceFile(await reading(store.read(path)));
}
