import type { UserDatabase, UserManifestRow, UserWrite } from "../port.ts";

export class MemoryUser implements UserDatabase {
  #checkpoint = 0;
  #manifest: UserManifestRow | undefined;

  async apply(writes: readonly UserWrite[]): Promise<void> {
    for (const write of writes) this.#applyOne(write);
  }

  #applyOne(write: UserWrite): void {
    switch (write.kind) {
      case "put_checkpoint":
        this.#checkpoint = write.checkpoint;
        return;
      case "put_manifest":
        this.#manifest = write.row;
        return;
      case "set_remote_version":
        if (this.#manifest !== undefined) this.#manifest = { ...this.#manifest, remoteVersion: write.remoteVersion };
    }
  }

  async checkpoint(): Promise<number> {
    return this.#checkpoint;
  }

  async manifest(): Promise<UserManifestRow | undefined> {
    return this.#manifest;
  }

  /** What is stored outlives the opening. */
  async close(): Promise<void> {}
}
