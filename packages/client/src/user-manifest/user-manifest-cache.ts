import type { Clock } from "@parsec/base";
import { equalBytes, Mutex, orAbort } from "@parsec/base";
import type { UserStore } from "@parsec/storage";
import { DateTime, encode, type LocalDevice, LocalUserManifest, newLocalUserManifest } from "@parsec/types";

/** The local user manifest: the list of workspaces as last seen, kept on this device only (spec 09a §8). */
export class UserManifestCache {
  readonly #store: UserStore;
  readonly #updating = new Mutex();
  readonly #closed: AbortSignal;
  #current: LocalUserManifest;

  private constructor(store: UserStore, current: LocalUserManifest, closed: AbortSignal) {
    this.#store = store;
    this.#current = current;
    this.#closed = closed;
  }

  /**
   * What this device has stored, or an empty stand-in. `closed` ends every wait.
   * @throws StorageError
   */
  static async open(
    store: UserStore,
    device: LocalDevice,
    clock: Clock,
    closed: AbortSignal,
  ): Promise<UserManifestCache> {
    const stored = await store.getUserManifest();
    const current =
      stored ??
      newLocalUserManifest(device.deviceId, DateTime.now(clock), { id: device.userRealmId, speculative: true });
    return new UserManifestCache(store, current, closed);
  }

  get current(): LocalUserManifest {
    return this.#current;
  }

  /**
   * Reads, modifies and writes, one caller at a time. True when `change` gave another manifest, which is then stored.
   * @throws StorageError, SESSION_CLOSED, and what `change` throws
   */
  update(
    change: (manifest: LocalUserManifest) => Promise<LocalUserManifest> | LocalUserManifest,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<boolean> {
    const update = this.#updating.run(async () => {
      const changed = await change(this.#current);
      if (isSameManifest(changed, this.#current)) return false;
      await this.#store.setUserManifest(changed);
      this.#current = changed;
      return true;
    }, options);
    return orAbort(update, this.#closed);
  }
}

function isSameManifest(a: LocalUserManifest, b: LocalUserManifest): boolean {
  return a === b || equalBytes(encode(LocalUserManifest, a), encode(LocalUserManifest, b));
}
