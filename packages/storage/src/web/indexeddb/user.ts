import type { DBSchema } from "idb";
import type { UserDatabase, UserManifestRow, UserWrite } from "../../driver/port.ts";
import { Database, type Migrations, stored } from "./database.ts";

interface Record {
  readonly checkpoint: number;
  readonly manifest: UserManifestRow | null;
}

interface Schema extends DBSchema {
  data: { key: number; value: Record };
}

const migrations: Migrations<Schema> = [
  (database) => {
    database.createObjectStore("data");
  },
];

/** The store holds one record. */
const key = 1;
const empty: Record = { checkpoint: 0, manifest: null };

export class IndexedDbUser implements UserDatabase {
  readonly #database: Database<Schema>;

  private constructor(database: Database<Schema>) {
    this.#database = database;
  }

  static async open(name: string): Promise<IndexedDbUser> {
    return new IndexedDbUser(await Database.open(name, migrations));
  }

  apply(writes: readonly UserWrite[]): Promise<void> {
    return this.#database.write(["data"], async (transaction) => {
      const store = transaction.objectStore("data");
      await store.put(writes.reduce(applied, (await store.get(key)) ?? empty), key);
    });
  }

  async checkpoint(): Promise<number> {
    return (await this.#record()).checkpoint;
  }

  async manifest(): Promise<UserManifestRow | undefined> {
    return (await this.#record()).manifest ?? undefined;
  }

  async #record(): Promise<Record> {
    return (await this.#database.read((connection) => connection.get("data", key))) ?? empty;
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

function applied(record: Record, write: UserWrite): Record {
  switch (write.kind) {
    case "put_checkpoint":
      return { ...record, checkpoint: write.checkpoint };
    case "put_manifest":
      return { ...record, manifest: { ...write.row, blob: stored(write.row.blob) } };
    case "set_remote_version":
      if (record.manifest === null) return record;
      return { ...record, manifest: { ...record.manifest, remoteVersion: write.remoteVersion } };
  }
}
