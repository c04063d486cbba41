import { hasCode, ParsecError } from "@parsec/base";
import { VerifyKey } from "@parsec/crypto";
import {
  type BlockId,
  DateTime,
  DeviceId,
  OrganizationId,
  type SequesterServiceId,
  type UserId,
  VlobId,
} from "@parsec/types";
import type { ExportedBlock, ExportedVersion, RealmExportFile } from "../../driver/realm-export.ts";
import { RealmExportError, StorageError, storageClosed, UnsupportedRealmExportError } from "../../errors.ts";
import type { SqliteConnection, SqlRow } from "./connection.ts";
import { sqliteError } from "./errors.ts";
import { loadSqlite } from "./load.ts";
import { checkTables } from "./realm-export-tables.ts";
import { type SafeFile, safeFile } from "./safe-file.ts";
import { bytesOf, idBytes, idOf, numberOf, textOf } from "./values.ts";

const magic = 87_948;
const supportedVersion = 1;
const phases = [
  "certificates_export_done",
  "vlobs_export_done",
  "blocks_metadata_export_done",
  "blocks_data_export_done",
] as const;
const versionColumns = "vlob_id, version, key_index, blob, size, author, timestamp";

/**
 * Opens the file of an exported realm, checked in the order of spec 12 §8. The file is never written, nor is anything
 * beside it.
 * @throws RealmExportError; StorageError NATIVE_MODULE_MISSING
 */
export async function openRealmExport(path: string): Promise<RealmExportFile> {
  const open = await loadSqlite();
  const file = await orRefusal(() => safeFile(path));
  let connection: SqliteConnection | undefined;
  try {
    return await orRefusal(async () => {
      connection = open(file.path, { readOnly: true });
      // What a hostile schema could run; and cells that lie about their size.
      for (const pragma of ["trusted_schema = OFF", "cell_size_check = ON"]) connection.exec(`PRAGMA ${pragma}`);
      checkTables(connection);
      return new SqliteRealmExport(connection, file, readInfo(connection));
    });
  } catch (error) {
    connection?.close();
    await file.release();
    throw error;
  }
}

type Info = Pick<RealmExportFile, "organizationId" | "realmId" | "rootVerifyKey" | "snapshot">;

function readInfo(connection: SqliteConnection): Info {
  const row = connection.get(
    `SELECT version, organization_id, realm_id, root_verify_key, snapshot_timestamp, vlobs_total_bytes,
      blocks_total_bytes, ${phases.join(", ")} FROM info WHERE magic = ?`,
    magic,
  );
  if (row === undefined) throw invalid("it is not an exported workspace");
  const version = numberOf(row, "version");
  const info = {
    organizationId: OrganizationId.parse(textOf(row, "organization_id")),
    realmId: idOf(row, "realm_id", VlobId),
    rootVerifyKey: VerifyKey.fromBytes(bytesOf(row, "root_verify_key")),
    snapshot: DateTime.fromMicros(numberOf(row, "snapshot_timestamp")),
  };
  for (const column of ["vlobs_total_bytes", "blocks_total_bytes"]) numberOf(row, column);
  const isDone = phases.map((phase) => numberOf(row, phase) === 1);
  if (version !== supportedVersion) throw new UnsupportedRealmExportError(supportedVersion, version);
  if (isDone.includes(false)) {
    throw new RealmExportError(
      "INCOMPLETE_REALM_EXPORT",
      "The export of the workspace was not finished: run the export command of the server again, it goes on",
    );
  }
  return info;
}

class SqliteRealmExport implements RealmExportFile {
  readonly organizationId: OrganizationId;
  readonly realmId: VlobId;
  readonly rootVerifyKey: VerifyKey;
  readonly snapshot: DateTime;
  readonly #connection: SqliteConnection;
  readonly #file: SafeFile;
  #isOpen = true;

  constructor(connection: SqliteConnection, file: SafeFile, info: Info) {
    this.#connection = connection;
    this.#file = file;
    this.organizationId = info.organizationId;
    this.realmId = info.realmId;
    this.rootVerifyKey = info.rootVerifyKey;
    this.snapshot = info.snapshot;
  }

  certificates(topic: "common" | "sequester" | "realm"): readonly Uint8Array[] {
    return this.#read((connection) =>
      connection
        .all(`SELECT certificate FROM ${topic}_certificate ORDER BY _id`)
        .map((row) => bytesOf(row, "certificate")),
    );
  }

  keysBundle(keyIndex: number): Uint8Array | undefined {
    return this.#read((connection) => {
      const row = connection.get("SELECT keys_bundle FROM realm_keys_bundle WHERE key_index = ?", keyIndex);
      return row === undefined ? undefined : bytesOf(row, "keys_bundle");
    });
  }

  userAccesses(user: UserId, keyIndex: number): readonly Uint8Array[] {
    return this.#accesses("realm_keys_bundle_access WHERE user_id", user, keyIndex);
  }

  serviceAccesses(service: SequesterServiceId, keyIndex: number): readonly Uint8Array[] {
    return this.#accesses("realm_sequester_keys_bundle_access WHERE sequester_service_id", service, keyIndex);
  }

  #accesses(whose: string, id: string, keyIndex: number): readonly Uint8Array[] {
    const sql = `SELECT access FROM ${whose} = ? AND key_index = ? ORDER BY _id`;
    return this.#read((connection) => connection.all(sql, idBytes(id), keyIndex).map((row) => bytesOf(row, "access")));
  }

  version(id: VlobId, version: number): ExportedVersion | undefined {
    return this.#versions(id, "AND version = ? AND timestamp <= ? LIMIT 1", version, this.snapshot)[0];
  }

  versionAt(id: VlobId, at: DateTime): ExportedVersion | undefined {
    return this.#versions(id, "AND timestamp <= ? ORDER BY timestamp DESC LIMIT 1", at)[0];
  }

  versionsBefore(id: VlobId, before: DateTime, limit: number): readonly ExportedVersion[] {
    const which = "AND timestamp < ? AND timestamp <= ? ORDER BY timestamp DESC LIMIT ?";
    return this.#versions(id, which, before, this.snapshot, limit);
  }

  #versions(id: VlobId, which: string, ...values: readonly number[]): readonly ExportedVersion[] {
    const sql = `SELECT ${versionColumns} FROM vlob_atom WHERE vlob_id = ? ${which}`;
    return this.#read((connection) => connection.all(sql, idBytes(id), ...values).map(versionOf));
  }

  block(id: BlockId): ExportedBlock | undefined {
    return this.#read((connection) => {
      const row = connection.get(
        "SELECT key_index, size, data FROM block LEFT JOIN block_data ON block = sequential_id WHERE block_id = ?",
        idBytes(id),
      );
      if (row === undefined) return undefined;
      return { keyIndex: numberOf(row, "key_index"), data: sized(row, "data") };
    });
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#connection.close();
    await this.#file.release();
  }

  #read<T>(work: (connection: SqliteConnection) => T): T {
    if (!this.#isOpen) throw storageClosed();
    try {
      return work(this.#connection);
    } catch (error) {
      throw refusal(error);
    }
  }
}

function versionOf(row: SqlRow): ExportedVersion {
  return {
    vlobId: idOf(row, "vlob_id", VlobId),
    version: numberOf(row, "version"),
    keyIndex: numberOf(row, "key_index"),
    author: idOf(row, "author", DeviceId),
    timestamp: DateTime.fromMicros(numberOf(row, "timestamp")),
    blob: sized(row, "blob"),
  };
}

/** Bytes that are as many as their row says. */
function sized(row: SqlRow, column: string): Uint8Array {
  const bytes = bytesOf(row, column);
  if (bytes.length !== numberOf(row, "size")) throw invalid(`the size of a value in ${column} is wrong`);
  return bytes;
}

async function orRefusal<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusal(error);
  }
}

/** What SQLite, the file system or a value that cannot be read says of the file. */
function refusal(cause: unknown): unknown {
  if (cause instanceof RealmExportError || hasCode(cause, "BUG", "CRYPTO_NOT_READY")) return cause;
  const known = sqliteError(cause);
  // A value that no type of ours takes, or an integer that no number of ours can be.
  const isMalformed =
    (ParsecError.is(cause) && !(cause instanceof StorageError)) || Object(cause).code === "ERR_OUT_OF_RANGE";
  if (isMalformed || hasCode(known, "STORAGE_CORRUPTED")) return invalid("it is damaged", known);
  return new RealmExportError(
    "CANNOT_OPEN_REALM_EXPORT",
    "The file of the exported workspace cannot be read: check that it exists, and its permissions",
    { cause: known },
  );
}

function invalid(why: string, cause?: unknown): RealmExportError {
  return new RealmExportError("INVALID_REALM_EXPORT", `The file cannot be read as an exported workspace: ${why}`, {
    cause,
  });
}
