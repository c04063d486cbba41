import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { breathe, type Clock, delay, hasCode, systemClock } from "@parsec/base";
import type { DeviceId, VlobId } from "@parsec/types";
import { guard } from "../../driver/guard.ts";
import type {
  CertificatesDatabase,
  DeviceDatabases,
  OpenDeviceOptions,
  StorageDriver,
  UserDatabase,
  WorkspaceDatabase,
} from "../../driver/port.ts";
import { StorageError, storageClosed } from "../../errors.ts";
import { CacheFile } from "./cache-file.ts";
import { SqliteCertificates } from "./certificates.ts";
import type { OpenSqlite } from "./connection.ts";
import { guarded, sqliteError } from "./errors.ts";
import { SqliteFile } from "./file.ts";
import { makeFolder, syncFolder } from "./folder.ts";
import { loadSqlite, type SqliteLoader } from "./load.ts";
import { type DatabaseMode, prepareDatabase, resumeDatabase } from "./schema.ts";
import { SqliteUser } from "./user.ts";
import { SqliteWorkspace } from "./workspace.ts";

export interface SqliteDriverOptions {
  /** Base folder of spec 12 §2; created when missing. */
  readonly dir: string;
  readonly clock?: Clock | undefined;
  /** SQLite bindings, the preferred one first: those that this package knows, when left out. */
  readonly loaders?: readonly SqliteLoader[] | undefined;
}

/** How often a waiting opener looks whether the device is free, in milliseconds. */
const pollDelay = 100;

/** SQLite files in the native layout of spec 12 §2, which the reference client can open too, one at a time. */
export function sqliteDriver(options: SqliteDriverOptions): StorageDriver {
  const { dir, clock = systemClock, loaders } = options;
  const folderOf = (deviceId: DeviceId) => join(dir, deviceId);
  return {
    check: async () => checkFolder(dir, await loadSqlite(loaders)),
    async openDevice(deviceId, { wait, signal }: OpenDeviceOptions = {}) {
      const openSqlite = await loadSqlite(loaders);
      for (;;) {
        try {
          return new SqliteDevice(folderOf(deviceId), openSqlite);
        } catch (error) {
          if (wait !== true || !hasCode(error, "DEVICE_IN_USE")) throw error;
        }
        await delay(clock, pollDelay, { signal });
      }
    },
    async removeDevice(deviceId) {
      const folder = folderOf(deviceId);
      await checkUnused(folder, await loadSqlite(loaders));
      await removeFolder(folder);
    },
  };
}

/** The databases of one device. Its first file, opened exclusively, keeps every other process out. */
class SqliteDevice implements DeviceDatabases {
  readonly certificates: CertificatesDatabase;
  readonly #folder: string;
  readonly #openSqlite: OpenSqlite;
  /** In order of opening: the one that guards the device comes first and is closed last. */
  #closables: readonly Closable[] = [];
  #open = true;

  constructor(folder: string, openSqlite: OpenSqlite) {
    this.#folder = folder;
    this.#openSqlite = openSqlite;
    const file = this.#openFile("certificates-v1.sqlite", { exclusive: true, autoVacuum: false, durable: true });
    this.certificates = breathing(new SqliteCertificates(file));
  }

  async openUser(userRealmId: VlobId): Promise<UserDatabase> {
    const file = this.#openFile("user_data-v1.sqlite", { exclusive: false, autoVacuum: false, durable: true });
    return breathing(new SqliteUser(file, userRealmId));
  }

  async openWorkspace(realmId: VlobId): Promise<WorkspaceDatabase> {
    const mode = { exclusive: false, autoVacuum: true };
    const data = this.#openFile(join(realmId, "workspace_data-v1.sqlite"), { ...mode, durable: true });
    const path = join(this.#folder, realmId, "workspace_cache-v1.sqlite");
    const cache = new CacheFile(path, () => openFile(path, { ...mode, durable: false }, this.#openSqlite));
    this.#remember(cache);
    return breathing(new SqliteWorkspace(data, cache));
  }

  async removeWorkspace(realmId: VlobId): Promise<void> {
    if (!this.#open) throw storageClosed();
    await removeFolder(join(this.#folder, realmId));
  }

  async close(): Promise<void> {
    this.#open = false;
    const failures: unknown[] = [];
    for (const file of this.#closables.toReversed()) {
      try {
        file.close();
      } catch (error) {
        failures.push(error);
      }
    }
    // One that cannot be closed keeps no other open: the last of them guards the device.
    if (failures.length > 0) throw failures[0];
  }

  #openFile(name: string, mode: DatabaseMode): SqliteFile {
    if (!this.#open) throw storageClosed();
    const file = this.#naming(name, () => openFile(join(this.#folder, name), mode, this.#openSqlite));
    this.#remember(file);
    return file;
  }

  /** Which of the files is damaged, and what to do, depends on what is in it. */
  #naming<T>(name: string, open: () => T): T {
    try {
      return open();
    } catch (cause) {
      if (!hasCode(cause, "STORAGE_CORRUPTED")) throw cause;
      const remedy = name.includes("workspace_data")
        ? "It may hold work that was not uploaded: keep it, and put an undamaged copy of it back if there is one"
        : "All that is in it is on the server too: move it away while nothing uses this device, and log in again";
      const what = `The local database ${join(this.#folder, name)} is damaged, or is not one of ours`;
      throw new StorageError("STORAGE_CORRUPTED", `${what}. ${remedy}`, { cause });
    }
  }

  #remember(file: Closable): void {
    this.#closables = [...this.#closables.filter(({ isOpen }) => isOpen), file];
  }
}

/** SQLite works on this thread, and its promises are fulfilled at once: between two calls timers get their turn. */
function breathing<T extends object>(database: T): T {
  return guard(database, async (_, call, args) => {
    await breathe();
    return call(args);
  });
}

interface Closable {
  readonly isOpen: boolean;
  /** Idempotent. */
  close(): void;
}

function openFile(path: string, mode: DatabaseMode, openSqlite: OpenSqlite): SqliteFile {
  const open = (prepare: typeof prepareDatabase) => {
    const connection = openSqlite(path);
    try {
      prepare(connection, mode);
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  };
  return guarded(() => {
    makeFolder(dirname(path));
    const isNew = !existsSync(path);
    const reopen = () => {
      if (!existsSync(path)) throw fileGone();
      return open(resumeDatabase);
    };
    const file = new SqliteFile(open(prepareDatabase), { reopen, autoVacuum: mode.autoVacuum });
    if (isNew) syncFolder(dirname(path));
    return file;
  });
}

function fileGone(): StorageError {
  return new StorageError("STORAGE_UNAVAILABLE", "A local database was removed while it was in use: open it again");
}

/** Makes the databases of a device that does not exist, and removes them. */
async function checkFolder(dir: string, openSqlite: OpenSqlite): Promise<void> {
  const folder = await makeCheckFolder(dir);
  try {
    const device = new SqliteDevice(folder, openSqlite);
    try {
      await device.certificates.apply([{ kind: "forget_all_certificates" }]);
    } finally {
      await device.close();
    }
  } finally {
    await removeFolder(folder);
  }
}

async function makeCheckFolder(dir: string): Promise<string> {
  try {
    makeFolder(dir);
    return await mkdtemp(join(dir, ".check-"));
  } catch (error) {
    throw sqliteError(error);
  }
}

/** Takes the device and gives it back. A damaged one is nobody's, and may go. */
async function checkUnused(folder: string, openSqlite: OpenSqlite): Promise<void> {
  try {
    await new SqliteDevice(folder, openSqlite).close();
  } catch (error) {
    if (hasCode(error, "DEVICE_IN_USE")) throw error;
  }
}

async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    throw sqliteError(error);
  }
}
