import { DeviceId, type VlobId } from "@parsec/types";
import { deleteDB } from "idb";
import type { DeviceDatabases, StorageDriver } from "../../driver/port.ts";
import { storageClosed } from "../../errors.ts";
import { IndexedDbCertificates } from "./certificates.ts";
import { lockDevice } from "./device-lock.ts";
import { indexedDbError } from "./errors.ts";
import { IndexedDbUser } from "./user.ts";
import { IndexedDbWorkspace } from "./workspace.ts";

export interface IndexedDbDriverOptions {
  /** What the names of the databases begin with. */
  readonly dir: string;
}

/** IndexedDB databases: one for the certificates, one for the user, one for each workspace (spec 12 §7). */
export function indexedDbDriver({ dir }: IndexedDbDriverOptions): StorageDriver {
  const prefixOf = (deviceId: DeviceId) => `${dir}-${deviceId}-`;
  const driver: StorageDriver = {
    async check() {
      const nobody = DeviceId.generate();
      const device = await driver.openDevice(nobody);
      try {
        await device.certificates.apply([{ kind: "forget_all_certificates" }]);
      } finally {
        await device.close();
        await driver.removeDevice(nobody);
      }
    },
    async openDevice(deviceId, options) {
      const prefix = prefixOf(deviceId);
      const release = await lockDevice(prefix, options);
      try {
        return new IndexedDbDevice(prefix, await IndexedDbCertificates.open(`${prefix}certificates`), release);
      } catch (error) {
        release();
        throw error;
      }
    },
    async removeDevice(deviceId) {
      const prefix = prefixOf(deviceId);
      const release = await lockDevice(prefix);
      try {
        const names = (await indexedDB.databases()).map(({ name }) => name ?? "");
        for (const name of names.filter((each) => each.startsWith(prefix))) await removeDatabase(name);
      } catch (error) {
        throw indexedDbError(error);
      } finally {
        release();
      }
    },
  };
  return driver;
}

interface Closable {
  close(): Promise<void>;
}

class IndexedDbDevice implements DeviceDatabases {
  readonly certificates: IndexedDbCertificates;
  readonly #prefix: string;
  readonly #release: () => void;
  readonly #databases: Closable[];
  #open = true;

  constructor(prefix: string, certificates: IndexedDbCertificates, release: () => void) {
    this.#prefix = prefix;
    this.#release = release;
    this.certificates = certificates;
    this.#databases = [certificates];
  }

  openUser(_userRealmId: VlobId): Promise<IndexedDbUser> {
    return this.#opened(() => IndexedDbUser.open(`${this.#prefix}user`));
  }

  openWorkspace(realmId: VlobId): Promise<IndexedDbWorkspace> {
    return this.#opened(() => IndexedDbWorkspace.open(this.#workspaceName(realmId)));
  }

  async removeWorkspace(realmId: VlobId): Promise<void> {
    if (!this.#open) throw storageClosed();
    await removeDatabase(this.#workspaceName(realmId));
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    try {
      for (const database of this.#databases) await database.close();
    } finally {
      this.#release();
    }
  }

  async #opened<T extends Closable>(open: () => Promise<T>): Promise<T> {
    if (!this.#open) throw storageClosed();
    const database = await open();
    this.#databases.push(database);
    return database;
  }

  #workspaceName(realmId: VlobId): string {
    return `${this.#prefix}${realmId}-workspace`;
  }
}

async function removeDatabase(name: string): Promise<void> {
  try {
    await deleteDB(name);
  } catch (error) {
    throw indexedDbError(error);
  }
}
