import { DeviceError } from "../errors.ts";
import type { KeyringBackend } from "../protection/keyring-backend.ts";

/** The part of @napi-rs/keyring in use. */
interface KeyringModule {
  readonly AsyncEntry: new (
    service: string,
    user: string,
  ) => {
    getPassword(): Promise<string | null | undefined>;
    setPassword(secret: string): Promise<void>;
  };
}

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

/** The keyring of the operating system: Secret Service, Keychain, Credential Manager. */
export const napiKeyring: KeyringBackend = {
  get: async (service, user) => {
    const { AsyncEntry } = await load();
    return (await new AsyncEntry(service, user).getPassword()) ?? undefined;
  },
  set: async (service, user, secret) => {
    const { AsyncEntry } = await load();
    await new AsyncEntry(service, user).setPassword(secret);
  },
};
