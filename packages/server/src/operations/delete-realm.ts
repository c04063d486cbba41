import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { forEachConcurrently, throwIfAborted } from "@parsec/base";
import { BlockId, type DateTime, type OrganizationId, type VlobId } from "@parsec/types";
import type { BlockStore } from "../block-store/port.ts";
import type { Store } from "../store/port/store.ts";
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
  const blocks = unfinished ?? (await deleteMetadata(store, realm, options));
  if (blockStore !== undefined && !dryRun) await deleteBytes(blockStore, realm, blocks, options);
  return blocks.length;
}

/** The blocks of a realm whose metadata is gone, from the list that was written before. */
async function unfinishedDeletion(store: Store, realm: RealmToDelete): Promise<readonly BlockId[] | undefined> {
  const { organizationId, realmId, dumpPath } = realm;
  const status = await store.transaction(async (tx) => {
    await organizationNamed(tx, organizationId);
    return { end: "rollback", value: (await tx.realms.find(organizationId, realmId))?.status };
  });
  if (status !== "DELETED") return undefined;
  const text = await readFile(dumpPath, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const blockId = line.startsWith(`${organizationId}/`)
        ? BlockId.parse(line.slice(organizationId.length + 1))
        : undefined;
      if (blockId !== undefined) return blockId;
      throw new OperationError(
        "EXPORT_OF_ANOTHER",
        "The list of blocks is not of this organization: give the right file",
      );
    });
}

async function deleteMetadata(
  store: Store,
  { organizationId, realmId, dumpPath }: RealmToDelete,
  { dryRun = false, now, signal }: DeleteRealmOptions,
): Promise<readonly BlockId[]> {
  for (;;) {
    const blocks = await store.transaction(async (tx) => {
      await organizationNamed(tx, organizationId);
      await existingRealm(tx, organizationId, realmId);
      const listed = await tx.blocks.list(organizationId, realmId);
      return { end: "rollback", value: listed.map(({ blockId }) => blockId) };
    });
    await writeWhole(dumpPath, blocks.map((id) => `${organizationId}/${BlockId.display(id)}\n`).join(""));
    throwIfAborted(signal);
    if (dryRun) return blocks;
    const isDone = await store.transaction<boolean>(async (tx) => {
      await tx.lock(organizationId, "common", "read");
      await tx.lock(organizationId, { realm: realmId }, "write");
      const realm = await existingRealm(tx, organizationId, realmId);
      await mustBeDeletable(tx, organizationId, realm, now);
      // Who deletes what others write must know all of it: else the list is made again.
      const still = await tx.blocks.list(organizationId, realmId);
      if (still.length !== blocks.length) return { end: "rollback", value: false };
      await tx.realms.erase(organizationId, realmId, now);
      return { end: "commit", value: true };
    });
    if (isDone) return blocks;
  }
}

async function deleteBytes(
  blockStore: BlockStore,
  { organizationId, realmId }: RealmToDelete,
  blocks: readonly BlockId[],
  { signal, onProgress }: DeleteRealmOptions,
): Promise<void> {
  let done = 0;
  const listedRealm = blockStore.keying === "realm" ? realmId : null;
  const deleteOne = async (blockId: BlockId) => {
    await blockStore.delete({ organizationId, realmId: listedRealm, blockId }, { signal });
    done += 1;
    onProgress?.({ done, total: blocks.length });
  };
  await forEachConcurrently(blocks, atOnce, deleteOne, { signal });
}

/** The file has its old content or the new one, whatever happens, and is on the disk. */
async function writeWhole(path: string, text: string): Promise<void> {
  const unfinished = `${path}.unfinished`;
  const file = await open(unfinished, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  const folder = await open(dirname(path), "r");
  await folder.sync().finally(() => folder.close());
}
