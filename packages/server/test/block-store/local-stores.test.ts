import { existsSync } from "node:fs";
import { mkdir, open as openFile, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { randomBytes, toHex } from "@parsec/base";
import { afterAll, describe, expect, inject, test, vi } from "vitest";
import { contentOf, readBlock } from "../../src/block-store/content.ts";
import { FileBlockStore } from "../../src/block-store/file/file-store.ts";
import { MemoryBlockStore } from "../../src/block-store/memory.ts";
import { blockStoreContract, listOf, newKey } from "../support/block-store-contract.ts";

const newFolder = () => join(inject("storesFolder"), `blocks-${toHex(randomBytes(8))}`);

blockStoreContract("memory", async () => new MemoryBlockStore());
blockStoreContract("files", async () => await FileBlockStore.open(newFolder()));

describe("a folder of files", () => {
  const folders: string[] = [];
  const open = async (folder = newFolder()) => {
    folders.push(folder);
    return { folder, store: await FileBlockStore.open(folder) };
  };
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

  test("holds the blocks for the next process, and for another beside this one", async () => {
    const { folder, store } = await open();
    const [key, block] = [newKey(), randomBytes(1000)];
    await store.put(key, block);
    const { store: other } = await open(folder);
    expect(await readBlock(other, key, contentOf(block))).toEqual(block);
    const later = newKey({ realmId: key.realmId });
    await other.put(later, block);
    expect(await readBlock(store, later, contentOf(block))).toEqual(block);
  });

  test("has a block on the disk before it has its name, and the name before it says so", async () => {
    const { folder, store } = await open();
    const key = newKey();
    const path = join(folder, "%41cme", key.realmId, key.blockId.slice(-2), key.blockId);
    const file = await openFile(join(folder, "any"), "w");
    const prototype: typeof file = Object.getPrototypeOf(file);
    const { sync } = prototype;
    const seen: boolean[] = [];
    const spy = vi.spyOn(prototype, "sync").mockImplementation(function (this: typeof file) {
      seen.push(existsSync(path));
      return sync.call(this);
    });
    try {
      await store.put(key, randomBytes(10));
      // The file; the folders of organization, realm and shard, each in the one above; the name.
      expect(seen).toEqual([false, false, false, false, true]);
      seen.length = 0;
      await rm(path);
      await store.put(key, randomBytes(10));
      expect(seen).toEqual([false, true]);
    } finally {
      spy.mockRestore();
      await file.close();
    }
  });

  test("never shows a part of a block: what is written is beside, and what was not finished goes a day later", async () => {
    const { folder, store } = await open();
    const [old, recent] = [join(folder, ".tmp", "old"), join(folder, ".tmp", "recent")];
    for (const path of [old, recent]) await writeFile(path, "half a bl");
    await utimes(old, 1, 1);
    await store.put(newKey(), randomBytes(10));
    expect((await listOf(store)).length).toBe(1);
    await FileBlockStore.open(folder);
    expect(await readdir(join(folder, ".tmp"))).toEqual(["recent"]);
  });

  test("leaves nothing behind when a block cannot get its name", async () => {
    const { folder, store } = await open();
    const key = newKey();
    await store.put(key, randomBytes(10));
    await store.delete(key);
    // Something else stands where the file would.
    const path = join(folder, "%41cme", key.realmId, key.blockId.slice(-2), key.blockId);
    await mkdir(join(path, "in the way"), { recursive: true });
    await expect(store.put(key, randomBytes(10))).rejects.toMatchObject({ code: "BLOCK_STORE_FAILED" });
    expect(await readdir(join(folder, ".tmp"))).toEqual([]);
    await expect(readBlock(store, key, { size: 10, digest: null })).rejects.toMatchObject({
      code: "BLOCK_STORE_FAILED",
    });
    expect(await store.has(key)).toBe(false);
  });

  test("makes anew a folder that somebody has removed", async () => {
    const { folder, store } = await open();
    const [key, block] = [newKey(), randomBytes(10)];
    await store.put(key, block);
    await rm(join(folder, "%41cme"), { recursive: true });
    await store.put(key, block);
    expect(await readBlock(store, key, contentOf(block))).toEqual(block);
  });

  test("that is gone, as when its disk is not mounted, has failed rather than lost a block", async () => {
    const { folder, store } = await open();
    const [key, block] = [newKey(), randomBytes(10)];
    await store.put(key, block);
    await rm(folder, { recursive: true });
    const failed = { code: "BLOCK_STORE_FAILED" };
    await expect(store.has(key)).rejects.toMatchObject(failed);
    await expect(readBlock(store, key, contentOf(block))).rejects.toMatchObject(failed);
    await expect(store.put(key, block)).rejects.toMatchObject(failed);
    expect(existsSync(folder)).toBe(false);
  });

  test("is for this user alone", async () => {
    const { folder, store } = await open();
    const key = newKey();
    await store.put(key, randomBytes(10));
    const realm = join(folder, "%41cme", key.realmId);
    const file = join(realm, key.blockId.slice(-2), key.blockId);
    const modes = await Promise.all([folder, realm, file].map(async (path) => (await stat(path)).mode & 0o777));
    expect(modes).toEqual([0o700, 0o700, 0o600]);
  });

  test("where there can be no folder is refused with what to do", async () => {
    const file = newFolder();
    await writeFile(file, "");
    folders.push(file);
    for (const [path, reason] of [
      [join(file, "blocks"), "ENOTDIR"],
      [file, "ENOTDIR"],
      // A file system that refuses all names.
      ["/proc/parsec-blocks", "ENOENT"],
    ] as const) {
      await expect(FileBlockStore.open(path)).rejects.toMatchObject({
        code: "BLOCK_STORE_FAILED",
        message: expect.stringContaining(`cannot hold blocks (${reason}): check its permissions`),
      });
    }
  });
});
