import { DatabaseBlockStore } from "../../src/block-store/database.ts";
import type { BlockStore } from "../../src/block-store/port.ts";
import type { StatementRunner } from "../../src/store/sql/statement-runner.ts";

/** A block store that closes its database with itself. */
export function ownDatabaseBlocks(database: StatementRunner & { close(): Promise<void> }): BlockStore {
  return Object.assign(new DatabaseBlockStore(database), { close: () => database.close() });
}
