import type { TableBuilder } from "./table-builder.ts";

/** A realm's blocks in the order of their creation, a part at a time. */
export async function blocksInOrder(tables: TableBuilder): Promise<void> {
  await tables.index("block", { on: ["realm", "_id"] });
}
