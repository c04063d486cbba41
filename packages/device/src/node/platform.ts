import { fileDeviceStore } from "./file-store.ts";
import { baseFolders } from "./folders.ts";
import { napiKeyring } from "./keyring.ts";
import { systemName } from "./system-name.ts";
import { listTokenCertificates, openTokenKey } from "./token.ts";

export { fileDeviceStore, listTokenCertificates, openTokenKey, systemName };

export function defaultFolders(): { readonly config: string; readonly data: string } {
  return baseFolders();
}

export const systemKeyring = {
  backend: napiKeyring,
  userStore: () => fileDeviceStore(baseFolders().data),
};
