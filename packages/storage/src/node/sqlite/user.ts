import type { VlobId } from "@parsec/types";
import type { UserDatabase, UserManifestRow, UserWrite } from "../../driver/port.ts";
import type { SqliteConnection } from "./connection.ts";
import type { SqliteFile } from "./file.ts";
import { getCheckpoint, getVlob, putCheckpoint, putVlob, setRemoteVersion } from "./vlobs.ts";

export class SqliteUser implements UserDatabase {
  readonly #file: SqliteFile;
  readonly #realmId: VlobId;

  constructor(file: SqliteFile, realmId: VlobId) {
    this.#file = file;
    this.#realmId = realmId;
  }

  async apply(writes: readonly UserWrite[]): Promise<void> {
    this.#file.write((connection) => {
      for (const write of writes) this.#applyOne(connection, write);
    });
  }

  #applyOne(connection: SqliteConnection, write: UserWrite): void {
    switch (write.kind) {
      case "put_checkpoint":
        putCheckpoint(connection, write.checkpoint);
        return;
      case "put_manifest":
        putVlob(connection, { ...write.row, id: this.#realmId });
        return;
      case "set_remote_version":
        setRemoteVersion(connection, this.#realmId, write.remoteVersion);
    }
  }

  async checkpoint(): Promise<number> {
    return this.#file.read(getCheckpoint);
  }

  async manifest(): Promise<UserManifestRow | undefined> {
    return this.#file.read((connection) => getVlob(connection, this.#realmId));
  }

  async close(): Promise<void> {
    this.#file.close();
  }
}
