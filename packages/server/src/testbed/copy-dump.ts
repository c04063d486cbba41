import { createHash } from "node:crypto";
import { throwIfAborted } from "@parsec/base";
import { DateTime, type OrganizationId } from "@parsec/types";
import { contentOf, readBlock } from "../block-store/content.ts";
import { MemoryBlockStore } from "../block-store/memory.ts";
import type { BlockStore } from "../block-store/port.ts";
import { defaultConfig } from "../config.ts";
import { CopyError } from "../store/errors.ts";
import { MemoryStore } from "../store/memory/memory-store.ts";
import type { Store } from "../store/port/store.ts";
import type { CopyOptions } from "../store/sql/copy/copy-database.ts";
import { beginCopy, finishCopy, prepareTarget } from "../store/sql/copy/copy-target.ts";
import type { MigratableDatabase } from "../store/sql/migrate.ts";
import { dumpOrganization } from "./dump/dump.ts";
import { type DumpDocument, loadDump } from "./load/dump-document.ts";
import type { LoadedBlock } from "./load/realms.ts";

/** The same at every try, so that what one has begun another one can finish. */
const defaults = { config: defaultConfig, now: () => DateTime.fromMicros(0) };

interface CopyDumpOptions extends Pick<CopyOptions, "signal" | "onProgress"> {
  /** Where the blocks of the dump go to; one without blocks needs none. */
  readonly blocks?: BlockStore | undefined;
}

/**
 * Makes the organization of a dump (spec 13), such as that of a server in memory, in an empty database. A try that ended
 * early is gone on with. What is there at the end is compared with what the dump makes of a store in memory.
 * @throws CopyError
 * @throws DatabaseError
 * @throws BlockStoreError
 * @throws OperationError
 */
export async function copyDump(
  dump: DumpDocument,
  organizationId: OrganizationId,
  to: Store & MigratableDatabase,
  { blocks: blockStore, signal, onProgress }: CopyDumpOptions = {},
): Promise<void> {
  const model = { store: new MemoryStore(), blocks: new MemoryBlockStore() };
  const blocks = await load(model.store, organizationId, dump);
  if (blocks.length > 0 && blockStore === undefined) {
    throw new CopyError("BLOCKS_NEED_STORE", "The dump has blocks: say where they go to");
  }
  await prepareTarget(to);
  const state = createHash("sha256").update(organizationId).update(JSON.stringify(dump)).digest("hex");
  await beginCopy(to, `dump ${state}`);
  throwIfAborted(signal);
  await load(to, organizationId, dump);
  const total = blocks.length;
  let done = 0;
  onProgress?.({ phase: "copying blocks", done, total });
  for (const { realmId, blockId, block } of blocks) {
    throwIfAborted(signal);
    const key = { organizationId, realmId, blockId };
    await model.blocks.put(key, block);
    await blockStore?.put(key, block, { signal });
    if (blockStore !== undefined) await readBlock(blockStore, key, contentOf(block), { signal });
    done += 1;
    onProgress?.({ phase: "copying blocks", done, total });
  }
  // The blocks were compared one by one.
  const [expected, found] = [
    await dumpOrganization(model.store, model.blocks, organizationId),
    await dumpOrganization(to, model.blocks, organizationId),
  ].map((each) => JSON.stringify(each));
  if (found !== expected) {
    const what = "What the target holds is not what the dump tells: it was in use";
    throw new CopyError("COPY_DIFFERS", `${what}; empty it, and copy again`);
  }
  await finishCopy(to);
}

/** The organization, unless an earlier try has made it; its blocks in any case. */
async function load(store: Store, organizationId: OrganizationId, dump: DumpDocument): Promise<readonly LoadedBlock[]> {
  return await store.transaction(async (tx) => {
    if ((await tx.organizations.find(organizationId)) !== undefined) return { end: "rollback", value: [] };
    return { end: "commit", value: await loadDump(tx, defaults, organizationId, dump) };
  });
}
