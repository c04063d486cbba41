import { hasCode, requireMethods, requireObject, utf8 } from "@parsec/base";
import { SecretKey } from "@parsec/crypto";
import { systemKeyring } from "#platform";
import { DeviceError } from "../errors.ts";
import { writing } from "../file/store-errors.ts";
import type { DeviceStore } from "../store/port.ts";
import type { KeyringBackend } from "./keyring-backend.ts";
import { expectType, type NewKey, type Protection } from "./protection.ts";

export interface KeyringOptions {
  /** The keyring of the operating system by default. */
  readonly backend?: KeyringBackend | undefined;
  /** Where `keyring_user.txt` lies, which names the entry for new devices: the data folder of the reference by default. */
  readonly userStore?: DeviceStore | undefined;
}

const service = "parsec";
const userFile = "keyring_user.txt";

/**
 * A key in the keyring of the operating system, one for all devices of this user of this machine (spec 06 §8.2). The
 * secret in the keyring is the key as a recovery passphrase.
 */
export function keyring(options: KeyringOptions = {}): Protection {
  requireObject("options", options);
  const { backend = systemKeyring.backend, userStore = systemKeyring.userStore() } = options;
  requireBackend(backend);
  requireMethods("options.userStore", userStore, "a device store", "read", "write");
  return {
    type: "keyring",
    offlineLogin: true,
    createKey: async () => (await existingKey(backend, userStore)) ?? (await newKey(backend, userStore)),
    openKey: async (file) => {
      const { keyringService, keyringUser } = expectType(file, "keyring");
      return decodeSecret(await readSecret(backend, keyringService, keyringUser));
    },
  };
}

/**
 * Whether a device can be protected by the keyring of this system.
 * @param backend the keyring of the operating system by default
 */
export async function isKeyringAvailable(backend: KeyringBackend = systemKeyring.backend): Promise<boolean> {
  requireBackend(backend);
  try {
    await backend.get(service, "tmp");
    return true;
  } catch {
    return false;
  }
}

function requireBackend(backend: unknown): void {
  requireMethods("backend", backend, "a keyring", "get", "set");
}

/** The key that the devices before this one use; `undefined` when any step to it fails. */
async function existingKey(backend: KeyringBackend, userStore: DeviceStore): Promise<NewKey | undefined> {
  try {
    const user = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await userStore.read(userFile));
    const secret = await backend.get(service, user);
    return secret === undefined ? undefined : keyOf(SecretKey.fromRecoveryPassphrase(secret), user);
  } catch {
    return undefined;
  }
}

/** The secret comes first: a name in `keyring_user.txt` always leads to one. */
async function newKey(backend: KeyringBackend, userStore: DeviceStore): Promise<NewKey> {
  const user = crypto.randomUUID();
  const key = SecretKey.generate();
  const secret = key.toRecoveryPassphrase();
  try {
    await backend.set(service, user, secret);
  } catch (cause) {
    throw keyringError("The keyring of this system does not take a new key", cause);
  }
  // A key that is not kept would lock the device for ever.
  if ((await readSecret(backend, service, user)) !== secret) {
    throw keyringError("The keyring of this system does not keep a new key as it was given", undefined);
  }
  await writing(userStore.write(userFile, utf8(user)));
  return keyOf(key, user);
}

function keyOf(key: SecretKey, user: string): NewKey {
  return { key, fields: { type: "keyring", keyringService: service, keyringUser: user } };
}

async function readSecret(backend: KeyringBackend, fromService: string, user: string): Promise<string> {
  const secret = await backend.get(fromService, user).catch((cause: unknown) => {
    throw keyringError("The keyring of this system does not answer: is it unlocked?", cause);
  });
  if (secret === undefined) throw keyringError("The keyring of this system has no key for this device", undefined);
  return secret;
}

function keyringError(message: string, cause: unknown): DeviceError {
  if (cause instanceof DeviceError) return cause;
  return new DeviceError("KEYRING_ERROR", message, { cause });
}

function decodeSecret(secret: string): SecretKey {
  try {
    return SecretKey.fromRecoveryPassphrase(secret);
  } catch (cause) {
    if (!hasCode(cause, "KEY_SIZE")) throw cause;
    throw new DeviceError("CIPHERTEXT_KEY_GENERATION_FAILED", "The entry of the keyring holds no key of a device", {
      cause,
    });
  }
}
