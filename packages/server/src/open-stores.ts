import type { Clock } from "@parsec/base";
import { BoundedBlockStore } from "./block-store/bounded.ts";
import { type BlockStoreConfig, blockStoreLabel, parseBlockStore } from "./block-store/config.ts";
import { openBlockStore } from "./block-store/open.ts";
import type { BlockStore } from "./block-store/port.ts";
import { StartServerError } from "./errors.ts";
import type { StartServerOptions } from "./options.ts";
import { MemoryStore } from "./store/memory/memory-store.ts";
import { type DatabaseLocation, openDatabase, parseDatabaseLocation } from "./store/open.ts";
import type { Store } from "./store/port/store.ts";

/** What a server keeps, and where: metadata and blocks. */
export interface OpenStores {
  readonly store: Store;
  readonly blockStore: BlockStore;
  close(): Promise<void>;
}

/** @throws StartServerError `BAD_OPTION` @throws DatabaseError @throws BlockStoreError; nothing is left open */
export async function openStores(options: StartServerOptions, clock: Clock): Promise<OpenStores> {
  const location = parseDatabaseLocation(options.db ?? "MOCKED");
  const blocks = parseBlockStore([options.blocks ?? "MOCKED"].flat());
  checkStores(options, location, blocks);
  const isMemory = location.kind === "memory";
  const database =
    options.store === undefined && !isMemory ? await openDatabase(location, options.database) : undefined;
  const store = options.store ?? database ?? new MemoryStore();
  try {
    const { partialCreate = false } = options;
    const blockStore = options.blockStore ?? (await openBlockStore(blocks, { clock, database, partialCreate }));
    return {
      store,
      blockStore: new BoundedBlockStore(blockStore, clock),
      close: async () => {
        await blockStore.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Refuses what would lose blocks, or cannot be. */
function checkStores(options: StartServerOptions, location: DatabaseLocation, blocks: BlockStoreConfig): void {
  if (options.blockStore !== undefined) return;
  const database = options.store === undefined ? location.kind : "given";
  if (blocks.kind === "memory" && (database === "sqlite" || database === "postgres")) {
    throw new StartServerError(
      "BAD_OPTION",
      "Blocks in memory would be lost while the database goes on naming them: add --blockstore file:./blocks, or another that lasts (see --help)",
    );
  }
  checkBlockDatabase(blocks, database, { blocks: "blockstore", database: "db" });
}

/** Blocks that are in a database are in that of the metadata. @throws StartServerError naming these options */
export function checkBlockDatabase(
  blocks: BlockStoreConfig,
  database: string,
  options: { readonly blocks: string; readonly database: string },
): void {
  for (const node of leavesOf(blocks)) {
    if (node.kind !== "database" || node.dialect === database) continue;
    const needed = node.dialect === "postgres" ? "postgresql://…" : "sqlite:FILE";
    const what = `--${options.blocks} ${blockStoreLabel(node)} needs --${options.database} ${needed}`;
    throw new StartServerError("BAD_OPTION", what);
  }
}

function leavesOf(config: BlockStoreConfig): readonly BlockStoreConfig[] {
  return "nodes" in config ? config.nodes.flatMap(leavesOf) : [config];
}
