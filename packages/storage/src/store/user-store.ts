import { Mutex } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import { type LocalUserManifest, openLocalUserManifest, sealLocalManifest } from "@parsec/types";
import type { UserDatabase, UserWrite } from "../driver/port.ts";
import { openStored } from "./sealed.ts";

/** The local user manifest of a device (spec 12 §6). Every method rejects with a `StorageError`. */
export class UserStore {
  readonly #database: UserDatabase;
  readonly #key: SecretKey;
  readonly #writing = new Mutex();

  constructor(database: UserDatabase, localSymkey: SecretKey) {
    this.#database = database;
    this.#key = localSymkey;
  }

  /** The user manifest, `undefined` when this device has none yet. */
  async getUserManifest(): Promise<LocalUserManifest | undefined> {
    const row = await this.#database.manifest();
    if (row === undefined) return undefined;
    return openStored("the user manifest", () => openLocalUserManifest(row.blob, this.#key));
  }

  /** Stores it; the known remote version never goes back. Also the first manifest of a new user. */
  async setUserManifest(manifest: LocalUserManifest): Promise<void> {
    const blob = sealLocalManifest(this.#key, manifest);
    const { needSync, base } = manifest;
    await this.#writing.run(async () => {
      const known = await this.#database.manifest();
      const remoteVersion = Math.max(known?.remoteVersion ?? 0, base.version);
      const row = { blob, needSync, baseVersion: base.version, remoteVersion };
      await this.#database.apply([{ kind: "put_manifest", row }]);
    });
  }

  /** 0 when never set. */
  getCheckpoint(): Promise<number> {
    return this.#database.checkpoint();
  }

  /** Sets the checkpoint of the user realm, and the remote version of the manifest if there is one. */
  async updateCheckpoint(checkpoint: number, remoteVersion?: number): Promise<void> {
    const writes: UserWrite[] = [{ kind: "put_checkpoint", checkpoint }];
    if (remoteVersion !== undefined) writes.push({ kind: "set_remote_version", remoteVersion });
    await this.#writing.run(() => this.#database.apply(writes));
  }

  /** @internal */
  close(): Promise<void> {
    return this.#writing.run(() => this.#database.close());
  }
}
