import type { Dirent } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { randomBytes, toHex, utf8 } from "@parsec/base";
import { BlockId, type OrganizationId, VlobId } from "@parsec/types";
import { missingBlock } from "../content.ts";
import {
  type BlockContent,
  type BlockKey,
  type BlockOptions,
  type BlockStore,
  BlockStoreError,
  type ListedBlock,
} from "../port.ts";
import { FolderTree, fileErrorCode, makeFolder, syncFolder } from "./folder.ts";

/** Bytes that are read at once. */
const partSize = 128 * 1024;

/** Milliseconds after which a file that nobody has finished writing is one of a process that has died. */
const abandonedAfter = 24 * 3600 * 1000;

/**
 * One file a block: `DIR/<organization>/<realm>/<two last digits>/<block>`. It is written under another name in `DIR/.tmp`, and gets its
 * own once it is on the disk. Several processes may share the folder.
 */
export class FileBlockStore implements BlockStore {
  readonly keying = "realm";
  readonly #folder: string;
  readonly #tree: FolderTree;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#tree = new FolderTree(folder);
  }

  /** Creates the folder where there is none, and writes a file as a trial. @throws BlockStoreError */
  static async open(path: string): Promise<FileBlockStore> {
    const store = new FileBlockStore(resolve(path));
    try {
      await makeFolder(store.#temporaryFolder);
      await rm(await store.#writeTemporary(new Uint8Array(1)));
      await store.#removeAbandoned();
    } catch (cause) {
      const what = `The folder ${path} cannot hold blocks (${fileErrorCode(cause)})`;
      throw new BlockStoreError("BLOCK_STORE_FAILED", `${what}: check its permissions and its disk`, { cause });
    }
    return store;
  }

  get #temporaryFolder(): string {
    return join(this.#folder, ".tmp");
  }

  async put(key: BlockKey, block: Uint8Array, { signal }: BlockOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    try {
      const temporary = await this.#writeTemporary(block);
      try {
        signal?.throwIfAborted();
        await this.#moveTo(key, temporary);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw failed(error);
    }
  }

  async *get(key: BlockKey, { size }: BlockContent, { signal }: BlockOptions = {}): AsyncIterable<Uint8Array> {
    signal?.throwIfAborted();
    try {
      const file = await open(this.#pathOf(key), "r");
      try {
        // One byte more than there should be, to see whether there are more.
        for (let left = size + 1; left > 0; ) {
          const { bytesRead, buffer } = await file.read(new Uint8Array(Math.min(left, partSize)));
          signal?.throwIfAborted();
          if (bytesRead === 0) return;
          left -= bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await file.close();
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (fileErrorCode(error) !== "ENOENT") throw failed(error);
      await this.#mustBeThere();
      throw missingBlock();
    }
  }

  async has(key: BlockKey): Promise<boolean> {
    try {
      return (await stat(this.#pathOf(key))).isFile();
    } catch (error) {
      if (fileErrorCode(error) !== "ENOENT") throw failed(error);
    }
    await this.#mustBeThere();
    return false;
  }

  async delete({ organizationId, realmId, blockId }: ListedBlock): Promise<void> {
    if (realmId === null) return;
    const key = { organizationId, realmId, blockId };
    try {
      await rm(this.#pathOf(key));
      await syncFolder(this.#folderOf(key));
    } catch (error) {
      if (fileErrorCode(error) === "ENOENT") return;
      throw failed(error);
    }
  }

  async *list(organizationId: OrganizationId): AsyncIterable<ListedBlock> {
    const organization = join(this.#folder, folderNameOf(organizationId));
    for (const { name } of await entriesOf(organization)) {
      const realmId = VlobId.parse(name);
      if (realmId === undefined) continue;
      for (const shard of await entriesOf(join(organization, name))) {
        for (const file of await entriesOf(join(organization, name, shard.name))) {
          const blockId = BlockId.parse(file.name);
          if (blockId !== undefined && file.isFile()) yield { organizationId, realmId, blockId };
        }
      }
    }
  }

  async close(): Promise<void> {}

  #folderOf({ organizationId, realmId, blockId }: BlockKey): string {
    return join(this.#folder, folderNameOf(organizationId), realmId, blockId.slice(-2));
  }

  #pathOf(key: BlockKey): string {
    return join(this.#folderOf(key), key.blockId);
  }

  /** Its path; the bytes are on the disk. */
  async #writeTemporary(block: Uint8Array): Promise<string> {
    const path = join(this.#temporaryFolder, toHex(randomBytes(16)));
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(block);
      await file.sync();
    } catch (error) {
      await file.close();
      await rm(path, { force: true });
      throw error;
    }
    await file.close();
    return path;
  }

  async #moveTo(key: BlockKey, temporary: string): Promise<void> {
    const folder = this.#folderOf(key);
    await this.#tree.ensure(folder);
    try {
      await rename(temporary, this.#pathOf(key));
    } catch (error) {
      if (fileErrorCode(error) !== "ENOENT") throw error;
      // Somebody has removed the folder since.
      this.#tree.forget();
      await this.#tree.ensure(folder);
      await rename(temporary, this.#pathOf(key));
    }
    await syncFolder(folder);
  }

  /** A folder of which nothing is left has not lost a block: its disk is not mounted. */
  async #mustBeThere(): Promise<void> {
    try {
      await stat(this.#temporaryFolder);
    } catch (error) {
      throw failed(error);
    }
  }

  async #removeAbandoned(): Promise<void> {
    const limit = Date.now() - abandonedAfter;
    for (const { name } of await entriesOf(this.#temporaryFolder)) {
      const path = join(this.#temporaryFolder, name);
      // Another process may have finished it meanwhile.
      const written = await stat(path).catch(() => undefined);
      if (written !== undefined && written.mtimeMs < limit) await rm(path, { force: true });
    }
  }
}

/**
 * A folder for each organization, on file systems that take capitals or accents for the same letter too: what is no small
 * letter, digit, `-` or `_` is written as its bytes. At most 96 characters.
 */
function folderNameOf(organizationId: OrganizationId): string {
  const escaped = (byte: number) => `%${byte.toString(16).padStart(2, "0")}`;
  return [...utf8(organizationId)]
    .map((byte) => (/[a-z0-9_-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : escaped(byte)))
    .join("");
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(fileErrorCode(error))) return [];
    throw failed(error);
  }
}

function failed(error: unknown): unknown {
  const code = fileErrorCode(error);
  if (code === "") return error;
  const what = `A file of the block store could not be read or written (${code})`;
  return new BlockStoreError("BLOCK_STORE_FAILED", `${what}: check its disk and its permissions`, { cause: error });
}
