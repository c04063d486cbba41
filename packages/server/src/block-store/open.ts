import type { Clock } from "@parsec/base";
import { StartServerError } from "../errors.ts";
import type { StatementRunner } from "../store/sql/statement-runner.ts";
import type { BlockStoreConfig } from "./config.ts";
import { MemoryBlockStore } from "./memory.ts";
import type { BlockStore } from "./port.ts";
import type { RaidOptions } from "./raid/members.ts";

/** What block stores stand on. */
export interface BlockStoreSurroundings extends RaidOptions {
  readonly clock: Clock;
  /** The metadata's; `undefined` when it is none that could hold blocks. */
  readonly database: StatementRunner | undefined;
}

/** Opens a store, whose driver is loaded now, and looks whether it is there. @throws BlockStoreError @throws StartServerError */
export async function openBlockStore(config: BlockStoreConfig, around: BlockStoreSurroundings): Promise<BlockStore> {
  switch (config.kind) {
    case "memory":
      return new MemoryBlockStore();
    case "database": {
      const { DatabaseBlockStore } = await import("./database.ts");
      if (around.database !== undefined) return new DatabaseBlockStore(around.database);
      throw new StartServerError("BAD_OPTION", "Blocks can be in the metadata's database only when that is one");
    }
    case "file": {
      const { FileBlockStore } = await import("./file/file-store.ts");
      return await FileBlockStore.open(config.path);
    }
    case "s3": {
      const { S3BlockStore } = await import("./s3.ts");
      return await S3BlockStore.open(config);
    }
    case "swift": {
      const { SwiftBlockStore } = await import("./swift/swift-store.ts");
      return await SwiftBlockStore.open(config);
    }
    default:
      return await openRaid(config.kind, await openNodes(config.nodes, around), around);
  }
}

async function openRaid(
  mode: "raid0" | "raid1" | "raid5",
  nodes: readonly BlockStore[],
  around: BlockStoreSurroundings,
): Promise<BlockStore> {
  switch (mode) {
    case "raid0":
      return new (await import("./raid/raid0.ts")).Raid0BlockStore(nodes);
    case "raid1":
      return new (await import("./raid/raid1.ts")).Raid1BlockStore(nodes, around);
    case "raid5":
      return new (await import("./raid/raid5.ts")).Raid5BlockStore(nodes, around.clock, around);
  }
}

/** All, or none is left open. */
async function openNodes(
  configs: readonly BlockStoreConfig[],
  around: BlockStoreSurroundings,
): Promise<readonly BlockStore[]> {
  const results = await Promise.allSettled(configs.map((config) => openBlockStore(config, around)));
  const opened = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failure = results.find((result) => result.status === "rejected");
  if (failure === undefined) return opened;
  await Promise.all(opened.map((store) => store.close()));
  throw failure.reason;
}
