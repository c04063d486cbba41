import { firstTables } from "./0001-first-tables.ts";
import { blockBytes } from "./0002-block-bytes.ts";
import { unfinishedCopy } from "./0003-unfinished-copy.ts";
import { blocksInOrder } from "./0004-blocks-in-order.ts";
import type { TableBuilder } from "./table-builder.ts";

export interface Migration {
  readonly name: string;
  readonly apply: (tables: TableBuilder) => Promise<void>;
}

/** In order. One that was released is never changed, renamed or removed. */
export const migrations: readonly Migration[] = [
  { name: "0001-first-tables", apply: firstTables },
  { name: "0002-block-bytes", apply: blockBytes },
  { name: "0003-unfinished-copy", apply: unfinishedCopy },
  { name: "0004-blocks-in-order", apply: blocksInOrder },
];
