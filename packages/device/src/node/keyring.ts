import { DeviceError } from "../errors.ts";
import type { KeyringBackend } from "../protection/keyring-backend.ts";

type KeyringModule = typeof import("@napi-rs/keyring");

/** Loaded on first use: an optional dependency with a native module. */
async function load(): Promise<KeyringModule> {
  try {
    return await import("@napi-rs/keyring");
  } catch (cause) {
    throw new DeviceError("NATIVE_MODULE_MISSING", "The keyring needs the package @napi-rs/keyring: install it", {
      cause,
    });
  }
}

/**
 * The entry as the reference names it. On Linux that includes a target; and only the Secret Service will do, since the
 * kernel's own keyring forgets everything when the machine restarts.
 */
async function entry(service: string, user: string) {
  const { AsyncEntry } = await load();
  if (process.platform !== "linux") return new AsyncEntry(service, user);
  return AsyncEntry.withTarget("default", service, user, { linux: { store: "secret-service" } });
}

/** The keyring of the operating system: Secret Service, Keychain, Credential Manager. */
export const napiKeyring: KeyringBackend = {
  get: async (service, user) => (await (await entry(service, user)).getPassword()) ?? undefined,
  set: async (service, user, secret) => (await entry(service, user)).setPassword(secret),
};
