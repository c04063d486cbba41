import { BugError, type Clock, systemClock } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import type { DeviceId, LocalFolderManifest, LocalUserManifest, VlobId } from "@parsec/types";
import type { DeviceDatabases, OpenDeviceOptions, StorageDriver } from "../driver/port.ts";
import { CertificatesStore } from "./certificates-store.ts";
import { UserStore } from "./user-store.ts";
import { WorkspaceStore } from "./workspace-store.ts";

/** What the storage needs to know of a device; a `LocalDevice` is one. */
export interface StorageOwner {
  readonly deviceId: DeviceId;
  readonly userRealmId: VlobId;
  readonly localSymkey: SecretKey;
}

export interface OpenStorageOptions extends OpenDeviceOptions {
  readonly clock?: Clock | undefined;
}

export interface OpenWorkspaceOptions {
  /** Limit of the block cache in bytes; 512 MiB by default. */
  readonly blockCacheSize?: number | undefined;
}

const defaultBlockCacheSize = 512 * 1024 * 1024;

/**
 * Opens the databases of a device, and takes the device for this process alone until `close`.
 * @throws StorageError DEVICE_IN_USE, NATIVE_MODULE_MISSING, STORAGE_CORRUPTED, STORAGE_UNAVAILABLE, STORAGE_FULL
 */
export async function openDeviceStorage(
  driver: StorageDriver,
  owner: StorageOwner,
  options: OpenStorageOptions = {},
): Promise<DeviceStorage> {
  const databases = await driver.openDevice(owner.deviceId, options);
  try {
    const user = new UserStore(await databases.openUser(owner.userRealmId), owner.localSymkey);
    return new DeviceStorage(databases, user, owner.localSymkey, options.clock ?? systemClock);
  } catch (error) {
    await databases.close();
    throw error;
  }
}

/**
 * Stores the first manifest of a new user, before the first start of the device (spec 12 §6).
 * @throws StorageError
 */
export async function initializeUserStorage(
  driver: StorageDriver,
  owner: StorageOwner,
  manifest: LocalUserManifest,
): Promise<void> {
  const storage = await openDeviceStorage(driver, owner);
  try {
    await storage.user.setUserManifest(manifest);
  } finally {
    await storage.close();
  }
}

/** All that one device keeps here, until `close`. */
export class DeviceStorage {
  readonly certificates: CertificatesStore;
  readonly user: UserStore;
  readonly #databases: DeviceDatabases;
  readonly #localSymkey: SecretKey;
  readonly #clock: Clock;
  readonly #workspaces = new Map<VlobId, Promise<WorkspaceStore>>();
  /** Those on their way out: one is opened again once it is closed. */
  readonly #closing = new Map<VlobId, Promise<void>>();

  /** @internal Use {@link openDeviceStorage}. */
  constructor(databases: DeviceDatabases, user: UserStore, localSymkey: SecretKey, clock: Clock) {
    this.#databases = databases;
    this.#localSymkey = localSymkey;
    this.#clock = clock;
    this.certificates = new CertificatesStore(databases.certificates, localSymkey);
    this.user = user;
  }

  /**
   * Opens the storage of a workspace, and creates it when missing. One that is open is given again.
   * @throws StorageError
   */
  openWorkspace(realmId: VlobId, options: OpenWorkspaceOptions = {}): Promise<WorkspaceStore> {
    const known = this.#workspaces.get(realmId);
    if (known !== undefined) return known;
    const opening = this.#openWorkspace(realmId, options);
    this.#workspaces.set(realmId, opening);
    opening.catch(() => this.#workspaces.delete(realmId));
    return opening;
  }

  async #openWorkspace(realmId: VlobId, options: OpenWorkspaceOptions): Promise<WorkspaceStore> {
    await this.#closing.get(realmId)?.catch(() => undefined);
    return new WorkspaceStore(await this.#databases.openWorkspace(realmId), {
      realmId,
      localSymkey: this.#localSymkey,
      clock: this.#clock,
      blockCacheSize: options.blockCacheSize ?? defaultBlockCacheSize,
    });
  }

  /**
   * Stores the first root manifest of a workspace just created on this device (spec 12 §3).
   * @throws StorageError
   */
  async initializeWorkspace(realmId: VlobId, root: LocalFolderManifest): Promise<void> {
    const store = await this.openWorkspace(realmId);
    await store.updateManifests([root]);
    await this.closeWorkspace(realmId);
  }

  /** Does nothing when it is not open. */
  async closeWorkspace(realmId: VlobId): Promise<void> {
    const store = this.#workspaces.get(realmId);
    if (store === undefined) return this.#closing.get(realmId);
    this.#workspaces.delete(realmId);
    const closing = store.then((opened) => opened.close());
    this.#closing.set(realmId, closing);
    try {
      await closing;
    } finally {
      this.#closing.delete(realmId);
    }
  }

  /**
   * Deletes everything of a workspace that is not open, also what waits for an upload. Does nothing when there is none.
   * @throws StorageError
   */
  async removeWorkspace(realmId: VlobId): Promise<void> {
    await this.#closing.get(realmId);
    if (this.#workspaces.has(realmId)) throw new BugError("The storage of an open workspace was to be removed");
    await this.#databases.removeWorkspace(realmId);
  }

  /** Closes everything and gives the device back. Idempotent. */
  async close(): Promise<void> {
    try {
      for (const realmId of [...this.#workspaces.keys()]) await this.closeWorkspace(realmId);
      await this.user.close();
    } finally {
      await this.#databases.close();
    }
  }
}
