import { createReadStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { forEachConcurrently, throwIfAborted } from "@parsec/base";
import { BlockId, type DateTime, type OrganizationId, type VlobId } from "@parsec/types";
import type { BlockStore } from "../block-store/port.ts";
import type { Store } from "../store/port/store.ts";
import type { BlockPage } from "../store/port/vlobs.ts";
import { mustBeDeletable } from "./deletable-realms.ts";
import { OperationError } from "./error.ts";
import { existingRealm, organizationNamed } from "./realm.ts";

export interface RealmToDelete {
  readonly organizationId: OrganizationId;
  readonly realmId: VlobId;
  /** File that gets one line for each block: its key in S3 or Swift. */
  readonly dumpPath: string;
}

export interface DeleteRealmOptions {
  readonly dryRun?: boolean;
  /** Its bytes of the realm's blocks go too, at last; without one they are left where they are. */
  readonly blockStore?: BlockStore | undefined;
  readonly now: DateTime;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/** Blocks deleted at once. */
const atOnce = 10;
/** Blocks of the realm asked for at once. */
const listedAtOnce = 1000;

/**
 * Deletes what a realm holds; its certificates stay (spec 08c §4.2). The list of blocks is on the disk before the metadata
 * goes, and the bytes go last: whenever this ends early, nothing is named that is not there. With a block store the
 * same call goes on with the bytes of a realm that is deleted already, by that list.
 * @returns how many blocks the realm had
 * @throws OperationError
 * @throws BlockStoreError
 */
export async function deleteRealm(store: Store, realm: RealmToDelete, options: DeleteRealmOptions): Promise<number> {
  const { dryRun = false, blockStore } = options;
  const unfinished = blockStore === undefined || dryRun ? undefined : await unfinishedDeletion(store, realm);
  const count = unfinished ?? (await deleteMetadata(store, realm, options));
  if (blockStore !== undefined && !dryRun) await deleteBytes(blockStore, realm, count, options);
  return count;
}

/** How many blocks a realm had whose metadata is gone, from the list that was written before. */
async function unfinishedDeletion(store: Store, realm: RealmToDelete): Promise<number | undefined> {
  const { organizationId, realmId } = realm;
  const status = await store.transaction(async (tx) => {
    await organizationNamed(tx, organizationId);
    return { end: "rollback", value: (await tx.realms.find(organizationId, realmId))?.status };
  });
  if (status !== "DELETED") return undefined;
  try {
    // Nothing is deleted by a list that is not all of this organization.
    let count = 0;
    for await (const _ of listedBlocks(realm)) count += 1;
    return count;
  } catch (error) {
    if (OperationError.is(error)) throw error;
    return undefined;
  }
}

/** The blocks that the list names, read a part at a time. @throws OperationError `EXPORT_OF_ANOTHER` */
async function* listedBlocks({ organizationId, dumpPath }: RealmToDelete): AsyncGenerator<BlockId> {
  for await (const line of linesOf(dumpPath)) {
    const blockId = line.startsWith(`${organizationId}/`)
      ? BlockId.parse(line.slice(organizationId.length + 1))
      : undefined;
    if (blockId !== undefined) yield blockId;
    else {
      const message = "The list of blocks is not of this organization: give the right file";
      throw new OperationError("EXPORT_OF_ANOTHER", message);
    }
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = "";
  for await (const part of createReadStream(path, { encoding: "utf8" })) {
    const lines = `${rest}${String(part)}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line !== "");
  }
  if (rest !== "") yield rest;
}

async function deleteMetadata(
  store: Store,
  realm: RealmToDelete,
  { dryRun = false, now, signal }: DeleteRealmOptions,
): Promise<number> {
  const { organizationId, realmId, dumpPath } = realm;
  for (;;) {
    let count = 0;
    const list = async function* () {
      for await (const blocks of partsOf(store, realm, signal)) {
        count += blocks.length;
        yield blocks.map((id) => `${organizationId}/${BlockId.display(id)}\n`).join("");
      }
    };
    await writeWhole(dumpPath, list());
    throwIfAborted(signal);
    if (dryRun) return count;
    const isDone = await store.transaction<boolean>(async (tx) => {
      await tx.lock(organizationId, "common", "read");
      await tx.lock(organizationId, { realm: realmId }, "write");
      const row = await existingRealm(tx, organizationId, realmId);
      await mustBeDeletable(tx, organizationId, row, now);
      // Who deletes what others write must know all of it: else the list is made again.
      if ((await tx.blocks.count(organizationId, realmId)) !== count) return { end: "rollback", value: false };
      await tx.realms.erase(organizationId, realmId, now);
      return { end: "commit", value: true };
    });
    if (isDone) return count;
  }
}

/** The ids of a realm's blocks, a part at a time. @throws OperationError */
async function* partsOf(
  store: Store,
  { organizationId, realmId }: RealmToDelete,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly BlockId[]> {
  for (let after: BlockId | null = null; ; ) {
    throwIfAborted(signal);
    const page: BlockPage = { after, limit: listedAtOnce };
    const blocks: readonly BlockId[] = await store.transaction(async (tx) => {
      await organizationNamed(tx, organizationId);
      await existingRealm(tx, organizationId, realmId);
      const rows = await tx.blocks.page(organizationId, realmId, page);
      return { end: "rollback", value: rows.map(({ blockId }) => blockId) };
    });
    const last = blocks.at(-1);
    if (last === undefined) return;
    yield blocks;
    after = last;
  }
}

async function deleteBytes(
  blockStore: BlockStore,
  realm: RealmToDelete,
  total: number,
  { signal, onProgress }: DeleteRealmOptions,
): Promise<void> {
  let done = 0;
  const { organizationId } = realm;
  const listedRealm = blockStore.keying === "realm" ? realm.realmId : null;
  const deleteOne = async (blockId: BlockId) => {
    await blockStore.delete({ organizationId, realmId: listedRealm, blockId }, { signal });
    done += 1;
    onProgress?.({ done, total });
  };
  await forEachConcurrently(listedBlocks(realm), atOnce, deleteOne, { signal });
}

/** The file has its old content or the new one, whatever happens, and is on the disk. */
async function writeWhole(path: string, parts: AsyncIterable<string>): Promise<void> {
  const unfinished = `${path}.unfinished`;
  const file = await open(unfinished, "w", 0o600);
  try {
    for await (const part of parts) await file.writeFile(part);
    await file.sync();
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  const folder = await open(dirname(path), "r");
  await folder.sync().finally(() => folder.close());
}
