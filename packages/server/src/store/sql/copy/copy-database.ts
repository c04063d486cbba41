import { throwIfAborted } from "@parsec/base";
import type { Kysely } from "kysely";
import { CopyError } from "../../errors.ts";
import type { MigratableDatabase } from "../migrate.ts";
import type { Tables } from "../tables.ts";
import { type CopiedTable, copiedTables } from "./copied-tables.ts";
import { type CopiedBlocks, copyBlocks } from "./copy-blocks.ts";
import { beginCopy, finishCopy, moveOn, type Position, prepareTarget } from "./copy-target.ts";
import { batchesOf, bytesColumns, countRows, insertRows, TableDigest } from "./rows.ts";

export interface CopyProgress {
  readonly phase: "copying" | "copying blocks" | "verifying";
  /** Rows, of both databases when they are compared, or blocks; those of an earlier try included. Ends at `total`. */
  readonly done: number;
  readonly total: number;
}

export interface CopyOptions {
  /** Copies the bytes of blocks too, from one block store to another. Otherwise those in the database alone. */
  readonly blocks?: CopiedBlocks | undefined;
  /** Stops between two parts: what was copied stays, and the next try goes on behind it. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
}

/** Stands in the place of a table while the bytes of blocks are copied, after all rows. */
const blocksPlace = "blocks";

/**
 * Copies all rows of a database into another one, of either dialect, and the bytes of its blocks when it is told where they
 * are, and compares them. A try that ended early is gone on
 * with; until the last has ended no server opens the target. Nobody else may use either of them meanwhile: whoever does is
 * found out at the end.
 * @throws CopyError
 * @throws DatabaseError
 * @throws BlockStoreError
 */
export async function copyDatabase(
  from: MigratableDatabase,
  to: MigratableDatabase,
  options: CopyOptions = {},
): Promise<void> {
  await prepareTarget(to);
  const { blocks, signal } = options;
  // Bytes in the database are its block store's: they come from the source's.
  const tables = blocks === undefined ? copiedTables : copiedTables.filter((table) => table !== "block_data");
  await from.snapshot(async (source) => {
    const columns = await bytesColumns(source);
    const state = await digestOf(source, "organization", columns, signal);
    const position = await beginCopy(to, blocks === undefined ? state : `${state}, with blocks`);
    const work = { ...options, columns, tables };
    const end = position.table === blocksPlace ? position : await copyRows(source, to, { ...work, position });
    if (blocks !== undefined) await copyAllBlocks(source, to, blocks, { ...work, position: end });
    await verify(source, to, work);
    await finishCopy(to);
  });
}

interface Work extends CopyOptions {
  readonly columns: ReadonlyMap<string, readonly string[]>;
  readonly tables: readonly CopiedTable[];
}

async function copyRows(
  source: Kysely<Tables>,
  to: MigratableDatabase,
  { columns, tables, signal, onProgress, position }: Work & { readonly position: Position },
): Promise<Position> {
  let at = position;
  const first = Math.max(
    0,
    tables.findIndex((table) => table === at.table),
  );
  let [done, total] = [0, 0];
  for (const [index, table] of tables.entries()) {
    const count = await countRows(source, table);
    total += count;
    if (index < first) done += count;
    else if (table === at.table) done += await countRows(source, table, at.lastId);
  }
  onProgress?.({ phase: "copying", done, total });
  for (const table of tables.slice(first)) {
    throwIfAborted(signal);
    for await (const batch of batchesOf(source, table, columns, table === at.table ? at.lastId : 0)) {
      throwIfAborted(signal);
      const next = { table, lastId: batch.lastId };
      await to.alone(async (db) => {
        await moveOn(db, at, next);
        await insertRows(db, table, batch.rows);
      });
      at = next;
      done += batch.rows.length;
      onProgress?.({ phase: "copying", done, total });
    }
  }
  return at;
}

async function copyAllBlocks(
  source: Kysely<Tables>,
  to: MigratableDatabase,
  { openFrom, to: target }: CopiedBlocks,
  { signal, onProgress, position }: Work & { readonly position: Position },
): Promise<void> {
  let at = position;
  const after = at.table === blocksPlace ? at.lastId : 0;
  const total = await countRows(source, "block");
  let done = await countRows(source, "block", after);
  onProgress?.({ phase: "copying blocks", done, total });
  const onPart = async (lastId: number, count: number) => {
    const next = { table: blocksPlace, lastId };
    await to.alone((db) => moveOn(db, at, next));
    at = next;
    done += count;
    onProgress?.({ phase: "copying blocks", done, total });
  };
  const from = await openFrom({ statement: (run) => run(source) });
  try {
    await copyBlocks(source, { from, to: target }, { after, signal, onPart });
  } finally {
    await from.close();
  }
}

async function verify(source: Kysely<Tables>, to: MigratableDatabase, work: Work): Promise<void> {
  const { columns, tables, signal, onProgress } = work;
  let [done, total] = [0, 0];
  for (const table of tables) total += 2 * (await countRows(source, table));
  const onRows = (count: number) => {
    done = Math.min(total, done + count);
    onProgress?.({ phase: "verifying", done, total });
  };
  onRows(0);
  for (const table of tables) {
    const expected = await digestOf(source, table, columns, signal, onRows);
    const found = await to.snapshot((db) => digestOf(db, table, columns, signal, onRows));
    if (found === expected) continue;
    const what = `Source and target differ in the table ${table}: one of them was in use`;
    throw new CopyError("COPY_DIFFERS", `${what}; stop every server on them, empty the target, and copy again`);
  }
}

async function digestOf(
  db: Kysely<Tables>,
  table: CopiedTable,
  columns: ReadonlyMap<string, readonly string[]>,
  signal: AbortSignal | undefined,
  onRows?: (count: number) => void,
): Promise<string> {
  const digest = new TableDigest();
  for await (const { rows } of batchesOf(db, table, columns)) {
    throwIfAborted(signal);
    digest.add(rows);
    onRows?.(rows.length);
  }
  return digest.toString();
}
