import { VlobId } from "@parsec/types";
import type { VlobRow } from "../../driver/port.ts";
import type { SqliteConnection, SqlRow } from "./connection.ts";
import { bytesOf, idBytes, idOf, numberOf } from "./values.ts";

// The tables that user and workspace files share.

const upsertVlob = `INSERT INTO vlobs (vlob_id, base_version, remote_version, need_sync, blob) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET base_version = excluded.base_version, remote_version = excluded.remote_version,
    need_sync = excluded.need_sync, blob = excluded.blob`;

export function putVlob(connection: SqliteConnection, row: VlobRow): void {
  connection.run(upsertVlob, idBytes(row.id), row.baseVersion, row.remoteVersion, Number(row.needSync), row.blob);
}

export function getVlob(connection: SqliteConnection, id: VlobId): VlobRow | undefined {
  const row = connection.get("SELECT * FROM vlobs WHERE vlob_id = ?", idBytes(id));
  return row === undefined ? undefined : vlobRow(row);
}

export function vlobRow(row: SqlRow): VlobRow {
  return { ...vlobState(row), blob: bytesOf(row, "blob") };
}

export function vlobState(row: SqlRow): VlobState {
  return {
    id: idOf(row, "vlob_id", VlobId),
    baseVersion: numberOf(row, "base_version"),
    remoteVersion: numberOf(row, "remote_version"),
    needSync: numberOf(row, "need_sync") !== 0,
  };
}

/** What the row of a manifest says beside its content. */
export type VlobState = Omit<VlobRow, "blob">;
export const stateColumns = "vlob_id, base_version, remote_version, need_sync";

/** Gives the row as it is then; changes nothing when that manifest is unknown. */
export function setRemoteVersion(
  connection: SqliteConnection,
  id: VlobId,
  remoteVersion: number,
): VlobState | undefined {
  const sql = `UPDATE vlobs SET remote_version = ? WHERE vlob_id = ?
    RETURNING ${stateColumns}`;
  const row = connection.get(sql, remoteVersion, idBytes(id));
  return row === undefined ? undefined : vlobState(row);
}

export function deleteVlob(connection: SqliteConnection, id: VlobId): void {
  connection.run("DELETE FROM vlobs WHERE vlob_id = ?", idBytes(id));
}

const upsertCheckpoint = `INSERT INTO realm_checkpoint (_id, checkpoint) VALUES (0, ?)
  ON CONFLICT DO UPDATE SET checkpoint = excluded.checkpoint`;

export function putCheckpoint(connection: SqliteConnection, checkpoint: number): void {
  connection.run(upsertCheckpoint, checkpoint);
}

/** 0 when never set. */
export function getCheckpoint(connection: SqliteConnection): number {
  const row = connection.get("SELECT checkpoint FROM realm_checkpoint WHERE _id = 0");
  return row === undefined ? 0 : numberOf(row, "checkpoint");
}
