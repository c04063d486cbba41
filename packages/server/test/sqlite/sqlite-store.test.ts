import { existsSync, statSync, writeFileSync } from "node:fs";
import { DateTime, OrganizationId } from "@parsec/types";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { migrationNames, pendingMigrations } from "../../src/store/sql/migrate.ts";
import { loadSqlite } from "../../src/store/sql/sqlite/binding.ts";
import { openSqliteStore } from "../../src/store/sql/sqlite/open.ts";
import { SqliteStore } from "../../src/store/sql/sqlite/sqlite-store.ts";
import { commit, organizationRow } from "../support/rows.ts";
import { newSqliteFile } from "../support/stores.ts";

const organizationId = OrganizationId.parse("Acme");
const row = organizationRow(organizationId, DateTime.fromMicros(1));

test("a file keeps what was committed, and nothing else, when it is opened again", async () => {
  const path = newSqliteFile();
  const store = await openSqliteStore(path);
  await commit(store, (tx) => tx.organizations.put(row));
  const failing = commit(store, async (tx) => {
    await tx.organizations.configure(organizationId, { isExpired: true });
    throw new Error("on purpose");
  });
  await expect(failing).rejects.toThrow("on purpose");
  await store.close();
  expect((statSync(path).mode & 0o777).toString(8)).toBe("600");
  const again = await openSqliteStore(path);
  expect(await commit(again, (tx) => tx.organizations.list())).toEqual([row]);
  await again.close();
});

test("a file is one server's at a time", async () => {
  const path = newSqliteFile();
  const store = await openSqliteStore(path);
  await expect(openSqliteStore(path)).rejects.toMatchObject({ code: "DATABASE_IN_USE" });
  await commit(store, (tx) => tx.organizations.put(row));
  await store.close();
  await (await openSqliteStore(path)).close();
});

test("every commit is synchronised with the disk, and the journal is ahead of the file", async () => {
  const statements: string[] = [];
  const open = await loadSqlite();
  const store = await SqliteStore.open(newSqliteFile(), (path) => {
    const binding = open(path);
    return {
      ...binding,
      exec: (sql) => {
        binding.exec(sql);
        statements.push(sql);
      },
    };
  });
  expect(statements).toContain("PRAGMA synchronous = FULL");
  const modes = await store.alone(async (db) => {
    const { rows } = await sql`select * from pragma_journal_mode, pragma_synchronous, pragma_foreign_keys`.execute(db);
    return rows;
  });
  expect(modes).toEqual([{ journal_mode: "wal", synchronous: 2, foreign_keys: 1 }]);
  await store.close();
});

describe("a file that cannot be a database of ours", () => {
  test("is not one", async () => {
    const path = newSqliteFile();
    writeFileSync(path, "Not a database, whatever its name may say".repeat(100));
    await expect(openSqliteStore(path)).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  });

  test("is in a folder that is not there", async () => {
    const path = `${newSqliteFile()}/nowhere/parsec.db`;
    await expect(openSqliteStore(path)).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    expect(existsSync(path)).toBe(false);
  });

  test("was changed by a newer version", async () => {
    const path = newSqliteFile();
    const store = await openSqliteStore(path);
    await store.alone((db) =>
      db
        .insertInto("migration")
        .values({ name: "9999-tomorrow", applied_on: DateTime.fromMicros(1) })
        .execute(),
    );
    await store.close();
    await expect(openSqliteStore(path)).rejects.toMatchObject({
      code: "DATABASE_TOO_NEW",
      message: expect.stringContaining("9999-tomorrow"),
    });
  });

  test("lacks a migration", async () => {
    const path = newSqliteFile();
    const store = await openSqliteStore(path);
    await store.alone((db) =>
      db
        .insertInto("migration")
        .values({ name: "0000-former", applied_on: DateTime.fromMicros(1) })
        .execute(),
    );
    const later = [
      { name: "0000-former", apply: async () => undefined },
      ...migrationNames.map((name) => ({ name, apply: async () => undefined })),
      { name: "9999-later", apply: async () => undefined },
    ];
    expect(await pendingMigrations(store, later)).toEqual({ pending: ["9999-later"], isEmpty: false });
    await store.close();
  });
});

test("no binding at all says what to install", async () => {
  const missing = () => Promise.reject(new Error("not here"));
  await expect(loadSqlite([missing, missing])).rejects.toMatchObject({
    code: "NATIVE_MODULE_MISSING",
    message: expect.stringContaining("better-sqlite3"),
  });
});
