import { closeSync, existsSync, openSync } from "node:fs";
import { equalBytes, ParsecError } from "@parsec/base";
import { BlockId, DateTime, OrganizationId, VlobId } from "@parsec/types";
import { loadSqlite, type SqliteBinding } from "../store/sql/sqlite/binding.ts";
import { hasResultCode, resultCode } from "../store/sql/sqlite/result-code.ts";
import { OperationError } from "./error.ts";

/** What an export is of: the same for every call that goes on with the file. */
export interface ExportParameters {
  readonly organizationId: OrganizationId;
  readonly realmId: VlobId;
  readonly rootVerifyKey: Uint8Array;
  readonly snapshot: DateTime;
}

/** The steps of an export, each done once, in this order. */
export type ExportStep = "certificates" | "vlobs" | "blocks_metadata" | "blocks_data";

export interface BlockToExport {
  /** Its place in the file. */
  readonly sequentialId: number;
  readonly blockId: BlockId;
  readonly size: number;
}

/** What tells a file of ours, and its form (spec 08c §4.1). */
const [magic, version] = [87_948, 1];

const schema = `
CREATE TABLE info (
  magic INTEGER UNIQUE NOT NULL,
  version INTEGER NOT NULL,
  organization_id TEXT NOT NULL,
  realm_id BLOB NOT NULL,
  root_verify_key BLOB NOT NULL,
  snapshot_timestamp INTEGER NOT NULL,
  vlobs_total_bytes INTEGER NOT NULL,
  blocks_total_bytes INTEGER NOT NULL,
  certificates_export_done INTEGER NOT NULL,
  vlobs_export_done INTEGER NOT NULL,
  blocks_metadata_export_done INTEGER NOT NULL,
  blocks_data_export_done INTEGER NOT NULL
);
CREATE TABLE common_certificate (_id INTEGER PRIMARY KEY, certificate BLOB NOT NULL);
CREATE TABLE sequester_certificate (_id INTEGER PRIMARY KEY, certificate BLOB NOT NULL);
CREATE TABLE realm_certificate (_id INTEGER PRIMARY KEY, certificate BLOB NOT NULL);
CREATE TABLE realm_keys_bundle (key_index INTEGER PRIMARY KEY, keys_bundle BLOB NOT NULL);
CREATE TABLE realm_keys_bundle_access (
  _id INTEGER PRIMARY KEY,
  user_id BLOB NOT NULL,
  key_index INTEGER NOT NULL,
  access BLOB NOT NULL
);
CREATE TABLE realm_sequester_keys_bundle_access (
  _id INTEGER PRIMARY KEY,
  sequester_service_id BLOB NOT NULL,
  key_index INTEGER NOT NULL,
  access BLOB NOT NULL
);
CREATE TABLE vlob_atom (
  sequential_id INTEGER PRIMARY KEY,
  vlob_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  key_index INTEGER NOT NULL,
  blob BLOB NOT NULL,
  size INTEGER NOT NULL,
  author BLOB NOT NULL,
  timestamp INTEGER NOT NULL,
  UNIQUE (vlob_id, timestamp)
);
CREATE TABLE block (
  sequential_id INTEGER PRIMARY KEY,
  block_id BLOB UNIQUE NOT NULL,
  author BLOB NOT NULL,
  size INTEGER NOT NULL,
  key_index INTEGER NOT NULL
);
CREATE TABLE block_data (
  block INTEGER PRIMARY KEY REFERENCES block (sequential_id),
  data BLOB NOT NULL
);`;

/** The columns of each table that an export fills, but for keys that SQLite counts. */
const columns = {
  common_certificate: ["certificate"],
  sequester_certificate: ["certificate"],
  realm_certificate: ["certificate"],
  realm_keys_bundle: ["key_index", "keys_bundle"],
  realm_keys_bundle_access: ["user_id", "key_index", "access"],
  realm_sequester_keys_bundle_access: ["sequester_service_id", "key_index", "access"],
  vlob_atom: ["sequential_id", "vlob_id", "version", "key_index", "blob", "size", "author", "timestamp"],
  block: ["sequential_id", "block_id", "author", "size", "key_index"],
  block_data: ["block", "data"],
} as const;

/** Adds a row; the values are in the order of the file's columns. */
export type AddRow = (table: keyof typeof columns, values: readonly (string | number | Uint8Array)[]) => void;

type Row = Readonly<Record<string, unknown>>;

/**
 * The SQLite file of an export. What is added together is there whole or not at all, and only one process writes at a time.
 * Every method throws OperationError `EXPORT_FAILED` when the file cannot be read or written.
 */
export class ExportFile {
  readonly #binding: SqliteBinding;

  private constructor(binding: SqliteBinding) {
    this.#binding = binding;
  }

  /** @throws OperationError `EXPORT_IN_USE`, `EXPORT_FAILED` */
  static async open(path: string): Promise<ExportFile> {
    const openSqlite = await loadSqlite();
    let binding: SqliteBinding | undefined;
    try {
      // It holds what others wrote, if encrypted: a new one is for this user alone.
      if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
      binding = openSqlite(path);
      // In this journal mode the finished export is one file, that can be taken anywhere.
      binding.exec("PRAGMA locking_mode = EXCLUSIVE");
      binding.exec("PRAGMA journal_mode = DELETE");
      binding.exec("BEGIN EXCLUSIVE");
      binding.exec("COMMIT");
      return new ExportFile(binding);
    } catch (cause) {
      binding?.close();
      throw failure(cause);
    }
  }

  /** What the file is the export of; `undefined` for a new one. @throws OperationError `EXPORT_OF_ANOTHER` */
  parameters(): ExportParameters | undefined {
    if (this.#rows("SELECT name FROM sqlite_master LIMIT 1").length === 0) return undefined;
    const isInfo = this.#rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'info'").length > 0;
    const [row] = isInfo ? this.#rows("SELECT * FROM info") : [];
    const parameters = row === undefined ? undefined : parametersOf(row);
    if (parameters !== undefined) return parameters;
    throw new OperationError("EXPORT_OF_ANOTHER", "The file is no export that this version knows: give another one");
  }

  /** Makes the tables. */
  create(parameters: ExportParameters, totals: { readonly vlobs: number; readonly blocks: number }): void {
    const { organizationId, realmId, rootVerifyKey, snapshot } = parameters;
    this.#transaction(() => {
      this.#binding.exec(schema);
      this.#binding.run("INSERT INTO info VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0)", [
        magic,
        version,
        organizationId,
        VlobId.toBytes(realmId),
        rootVerifyKey,
        snapshot,
        totals.vlobs,
        totals.blocks,
      ]);
    });
  }

  isDone(step: ExportStep): boolean {
    return this.#number(`SELECT ${step}_export_done AS value FROM info`) === 1;
  }

  totalBytes(of: "vlobs" | "blocks"): number {
    return this.#number(`SELECT ${of}_total_bytes AS value FROM info`);
  }

  /** Adds some rows of a step that is done by parts. */
  add(write: (add: AddRow) => void): void {
    this.#transaction(() => write((table, values) => this.#insert(table, values)));
  }

  /** Does a whole step, or the end of one. */
  do(step: ExportStep, write: (add: AddRow) => void): void {
    this.#transaction(() => {
      write((table, values) => this.#insert(table, values));
      this.#binding.run(`UPDATE info SET ${step}_export_done = 1`, []);
    });
  }

  /** The checkpoint of the last vlob that is there, 0 without any, and the bytes of all of them. */
  vlobsSoFar(): { readonly checkpoint: number; readonly bytes: number } {
    return {
      checkpoint: this.#number("SELECT coalesce(max(sequential_id), 0) AS value FROM vlob_atom"),
      bytes: this.#number("SELECT coalesce(sum(size), 0) AS value FROM vlob_atom"),
    };
  }

  /** The last block whose metadata is there. */
  lastBlock(): BlockToExport | undefined {
    return this.#blocks("SELECT sequential_id, block_id, size FROM block ORDER BY sequential_id DESC LIMIT 1", [])[0];
  }

  /** Adds the bytes of these blocks. */
  addBlocks(blocks: readonly { readonly sequentialId: number; readonly data: Uint8Array }[]): void {
    this.#transaction(() => {
      for (const { sequentialId, data } of blocks) this.#insert("block_data", [sequentialId, data]);
    });
  }

  /** The next blocks after that place whose bytes are missing, no more than `count`. */
  missingBlocks(after: number, count: number): readonly BlockToExport[] {
    return this.#blocks(
      `SELECT sequential_id, block_id, size FROM block
        WHERE sequential_id > ? AND NOT EXISTS (SELECT 1 FROM block_data WHERE block_data.block = block.sequential_id)
        ORDER BY sequential_id LIMIT ?`,
      [after, count],
    );
  }

  /** Bytes of the blocks that are there. */
  blockBytes(): number {
    return this.#number(
      "SELECT coalesce(sum(size), 0) AS value FROM block JOIN block_data ON block_data.block = block.sequential_id",
    );
  }

  close(): void {
    this.#binding.close();
  }

  #insert(table: keyof typeof columns, values: readonly unknown[]): void {
    const names = columns[table];
    this.#binding.run(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`, values);
  }

  #blocks(sql: string, parameters: readonly unknown[]): readonly BlockToExport[] {
    return this.#rows(sql, parameters).map((row) => {
      const blockId = row["block_id"] instanceof Uint8Array ? BlockId.fromBytes(row["block_id"]) : undefined;
      if (blockId === undefined) throw damaged();
      return { sequentialId: numberOf(row, "sequential_id"), blockId, size: numberOf(row, "size") };
    });
  }

  #number(sql: string): number {
    const [row] = this.#rows(sql);
    if (row === undefined) throw damaged();
    return numberOf(row, "value");
  }

  #rows(sql: string, parameters: readonly unknown[] = []): readonly Row[] {
    try {
      return this.#binding.run(sql, parameters).rows.filter(isRow);
    } catch (cause) {
      throw failure(cause);
    }
  }

  #transaction(run: () => void): void {
    try {
      this.#binding.exec("BEGIN EXCLUSIVE");
      try {
        run();
        this.#binding.exec("COMMIT");
      } catch (error) {
        this.#binding.exec("ROLLBACK");
        throw error;
      }
    } catch (cause) {
      throw failure(cause);
    }
  }
}

/** @throws OperationError `EXPORT_OF_ANOTHER` when the file is an export of something else */
export function mustBeSame(found: ExportParameters, wanted: ExportParameters): void {
  const isSame =
    found.organizationId === wanted.organizationId &&
    found.realmId === wanted.realmId &&
    found.snapshot === wanted.snapshot &&
    equalBytes(found.rootVerifyKey, wanted.rootVerifyKey);
  if (isSame) return;
  const message =
    "The file is the export of another realm, or of another moment: give another file, or what it was begun with";
  throw new OperationError("EXPORT_OF_ANOTHER", message);
}

function parametersOf(row: Row): ExportParameters | undefined {
  if (row["magic"] !== magic || row["version"] !== version) return undefined;
  const { organization_id: organization, realm_id: realm, root_verify_key: rootVerifyKey } = row;
  if (typeof organization !== "string" || !(realm instanceof Uint8Array)) return undefined;
  const realmId = VlobId.fromBytes(realm);
  if (realmId === undefined || !(rootVerifyKey instanceof Uint8Array)) return undefined;
  const snapshot = DateTime.fromMicros(numberOf(row, "snapshot_timestamp"));
  return { organizationId: OrganizationId.parse(organization), realmId, rootVerifyKey, snapshot };
}

function isRow(row: unknown): row is Row {
  return typeof row === "object" && row !== null;
}

function numberOf(row: Row, name: string): number {
  const value = row[name];
  if (typeof value !== "number") throw damaged();
  return value;
}

function damaged(): OperationError {
  return new OperationError("EXPORT_FAILED", "The export file is damaged: begin again with another one");
}

function failure(cause: unknown): unknown {
  if (hasResultCode(cause, "SQLITE_BUSY", "SQLITE_LOCKED")) {
    return new OperationError("EXPORT_IN_USE", "Another process writes into the export file: wait for it", { cause });
  }
  if (hasResultCode(cause, "SQLITE_NOTADB")) {
    return new OperationError("EXPORT_OF_ANOTHER", "The file is no export: give another one", { cause });
  }
  if (ParsecError.is(cause)) return cause;
  const message = `The export file cannot be used (${resultCode(cause)}): check its folder and the free space`;
  return new OperationError("EXPORT_FAILED", message, { cause });
}
