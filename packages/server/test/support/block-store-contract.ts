import { equalBytes, randomBytes } from "@parsec/base";
import { BlockId, OrganizationId, VlobId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentOf, readBlock } from "../../src/block-store/content.ts";
import type { BlockKey, BlockStore, ListedBlock } from "../../src/block-store/port.ts";

const acme = OrganizationId.parse("Acme");

export function newKey(changes: Partial<BlockKey> = {}): BlockKey {
  return { organizationId: acme, realmId: VlobId.generate(), blockId: BlockId.generate(), ...changes };
}

export async function listOf(store: BlockStore, organizationId = acme): Promise<readonly ListedBlock[]> {
  const listed: ListedBlock[] = [];
  for await (const block of store.list(organizationId)) listed.push(block);
  return listed.sort((a, b) => (a.blockId < b.blockId ? -1 : 1));
}

/** What every block store does. `prepare` may be told of keys whose organization and realm must exist. */
export function blockStoreContract(
  name: string,
  open: () => Promise<BlockStore>,
  prepare: (keys: readonly BlockKey[]) => Promise<void> = async () => undefined,
): void {
  describe(name, () => {
    let store: BlockStore;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());

    /** Keys that the store may be asked for. */
    const keys = async (...wanted: readonly Partial<BlockKey>[]): Promise<readonly BlockKey[]> => {
      const made = wanted.map(newKey);
      await prepare(made);
      return made;
    };
    const keyOf = async (changes: Partial<BlockKey> = {}): Promise<BlockKey> => {
      const [key] = await keys(changes);
      if (key === undefined) throw new Error("No key");
      return key;
    };

    test.each([0, 1, 3, 4, 5, 1023, 65_537, 512 * 1024 + 40, 1_048_000])("gives back %i bytes", async (size) => {
      const [key, block] = [await keyOf(), randomBytes(size)];
      await store.put(key, block);
      expect(equalBytes(await readBlock(store, key, contentOf(block)), block)).toBe(true);
      // Blocks that were created before digests were kept.
      expect(equalBytes(await readBlock(store, key, { size, digest: null }), block)).toBe(true);
    });

    test("keeps the bytes of the moment, whatever becomes of the caller's", async () => {
      const [key, block] = [await keyOf(), randomBytes(1000)];
      const copy = block.slice();
      const whole = new Uint8Array(3000);
      whole.set(block, 1000);
      await store.put(key, whole.subarray(1000, 2000));
      whole.fill(0);
      (await readBlock(store, key, contentOf(copy))).fill(1);
      expect(equalBytes(await readBlock(store, key, contentOf(copy)), copy)).toBe(true);
    });

    test("puts a block again, longer or shorter", async () => {
      const key = await keyOf();
      for (const size of [10, 100_000, 7]) {
        const block = randomBytes(size);
        await store.put(key, block);
        expect(equalBytes(await readBlock(store, key, contentOf(block)), block)).toBe(true);
      }
    });

    test("knows what it has not", async () => {
      const key = await keyOf();
      expect(await store.has(key)).toBe(false);
      const reading = readBlock(store, key, { size: 10, digest: null });
      await expect(reading).rejects.toMatchObject({ code: "BLOCK_MISSING" });
      await store.delete(key);
    });

    test("deletes one block, and no other", async () => {
      const [key, other] = await keys({}, {});
      if (key === undefined || other === undefined) throw new Error("No keys");
      const block = randomBytes(10);
      for (const each of [key, other]) await store.put(each, block);
      await store.delete(key);
      expect([await store.has(key), await store.has(other)]).toEqual([false, true]);
      await expect(readBlock(store, key, contentOf(block))).rejects.toMatchObject({ code: "BLOCK_MISSING" });
      await store.put(key, block);
      expect(equalBytes(await readBlock(store, key, contentOf(block)), block)).toBe(true);
    });

    test("tells organizations apart, whose names differ by case, accent or what may stand in a path", async () => {
      const names = ["acme", "ACME", "Été", "Ete", "tmp", "_", "-", "a-b", "a_b", "Acme2", "Acm", "組織"];
      const blockId = BlockId.generate();
      const made = await keys(...names.map((name) => ({ organizationId: OrganizationId.parse(name), blockId })));
      const blocks = made.map((_, index) => new Uint8Array(3).fill(index));
      for (const [index, key] of made.entries()) await store.put(key, blocks[index] ?? new Uint8Array());
      for (const [index, key] of made.entries()) {
        expect(await readBlock(store, key, { size: 3, digest: null })).toEqual(blocks[index]);
        expect((await listOf(store, key.organizationId)).map((listed) => listed.blockId)).toEqual([blockId]);
      }
    });

    test("keeps its word about realms", async () => {
      const blockId = BlockId.generate();
      const [mine, yours] = await keys({ blockId }, { blockId });
      if (mine === undefined || yours === undefined) throw new Error("No keys");
      await store.put(mine, Uint8Array.of(1));
      await store.put(yours, Uint8Array.of(2));
      const seen = await readBlock(store, mine, { size: 1, digest: null });
      expect(seen).toEqual(Uint8Array.of(store.keying === "realm" ? 1 : 2));
    });

    test("lists what it holds", async () => {
      const organizationId = OrganizationId.parse("Listed");
      const realmId = VlobId.generate();
      expect(await listOf(store, organizationId)).toEqual([]);
      const made = await keys(...Array.from({ length: 12 }, () => ({ organizationId, realmId })), { organizationId });
      for (const key of made) await store.put(key, Uint8Array.of(1));
      const expected = made.map((key) => ({ ...key, realmId: store.keying === "realm" ? key.realmId : null }));
      expect(await listOf(store, organizationId)).toEqual(expected.sort((a, b) => (a.blockId < b.blockId ? -1 : 1)));
      for (const listed of await listOf(store, organizationId)) await store.delete(listed);
      expect(await listOf(store, organizationId)).toEqual([]);
    });

    test("gives no more than was asked for, so that a wrong object cannot fill the memory", async () => {
      const key = await keyOf();
      await store.put(key, randomBytes(300_000));
      const reading = readBlock(store, key, { size: 10, digest: null });
      await expect(reading).rejects.toMatchObject({ code: expect.stringMatching(/^BLOCK_/) });
    });

    test("stops when it is told to", async () => {
      const key = await keyOf();
      const reason = new Error("enough");
      const { signal } = { signal: AbortSignal.abort(reason) };
      await expect(store.put(key, Uint8Array.of(1), { signal })).rejects.toBe(reason);
      expect(await store.has(key)).toBe(false);
      await store.put(key, Uint8Array.of(1));
      await expect(readBlock(store, key, { size: 1, digest: null }, { signal })).rejects.toBe(reason);
    });

    test("32 blocks of 512 KiB at once, and one of the largest", async () => {
      const made = await keys(...Array.from({ length: 33 }, () => ({})));
      const blocks = made.map((_, index) => new Uint8Array(index < 32 ? 512 * 1024 : 1_048_576).fill(index));
      await Promise.all(made.map((key, index) => store.put(key, blocks[index] ?? new Uint8Array())));
      const read = await Promise.all(
        made.map((key, index) => readBlock(store, key, contentOf(blocks[index] ?? new Uint8Array()))),
      );
      expect(read.every((block, index) => block[0] === index && block.length === blocks[index]?.length)).toBe(true);
    });
  });
}
