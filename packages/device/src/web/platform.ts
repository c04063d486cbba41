import type { KeyringBackend } from "../protection/keyring-backend.ts";
import { memoryDeviceStore } from "../store/memory.ts";
import type { SystemName } from "../system-name.ts";
import { opfsDeviceStore } from "./opfs-store.ts";
import { listTokenCertificates, openTokenKey } from "./token.ts";

export { listTokenCertificates, openTokenKey, opfsDeviceStore as fileDeviceStore };

/** The root of the origin's storage (spec 06 §2.1). */
export function defaultFolders(): { readonly config: string; readonly data: string } {
  return { config: "/", data: "/" };
}

export function systemName(): SystemName {
  return "web";
}

/** A browser has no keyring for us. */
const noKeyring: KeyringBackend = {
  get: () => Promise.reject(new Error("A browser has no keyring")),
  set: () => Promise.reject(new Error("A browser has no keyring")),
};

export const systemKeyring = { backend: noKeyring, userStore: memoryDeviceStore };
