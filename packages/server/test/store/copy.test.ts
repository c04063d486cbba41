import { copyFileSync } from "node:fs";
import { BlockId, DateTime, OrganizationId, VlobId } from "@parsec/types";
import { afterEach, describe, expect, inject, test } from "vitest";
import type { Store } from "../../src/store/port/store.ts";
import { copiedTables } from "../../src/store/sql/copy/copied-tables.ts";
import { type CopyProgress, copyDatabase } from "../../src/store/sql/copy/copy-database.ts";
import { hasRows } from "../../src/store/sql/copy/rows.ts";
import type { MigratableDatabase } from "../../src/store/sql/migrate.ts";
import { openPostgresStore } from "../../src/store/sql/postgres/open.ts";
import { openSqliteStore } from "../../src/store/sql/sqlite/open.ts";
import { writeSomething } from "../support/copies.ts";
import { commit, organizationRow, realmRow, vlobRow } from "../support/rows.ts";
import { organizations, realms } from "../support/store-pools.ts";
import { observe } from "../support/store-view.ts";
import { createDatabase, newSqliteFile } from "../support/stores.ts";

type Database = Store & MigratableDatabase;
type Kind = "sqlite" | "postgres";

const accepting = { skipMigrationsCheck: true, acceptUnfinishedCopy: true };
const opened: Database[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

function create(kind: Kind, like?: string): Promise<string> | string {
  if (kind === "postgres") return createDatabase(like);
  const path = newSqliteFile();
  if (like !== undefined) copyFileSync(like, path);
  return path;
}

function opener(kind: Kind, address: string) {
  return async (options = {}): Promise<Database> => {
    const database = await (kind === "sqlite"
      ? openSqliteStore(address, options)
      : openPostgresStore(address, options));
    opened.push(database);
    return database;
  };
}

/** A database of its own, and how to open it again. */
async function place(kind: Kind) {
  return opener(kind, await create(kind));
}

const prepared = new Map<Kind, string>();

/** A database with rows in every table. */
async function source(kind: Kind): Promise<Database> {
  const known = prepared.get(kind);
  if (known !== undefined) return await opener(kind, await create(kind, known))();
  const address = await create(kind);
  const database = await opener(kind, address)();
  await writeSomething(database);
  await database.alone(async (db) => {
    const key = { organization_id: OrganizationId.parse("Acme"), realm_id: VlobId.generate() };
    const row = { ...key, block_id: BlockId.generate(), data: new Uint8Array([1, 2, 3]) };
    await db.insertInto("block_data").values(row).execute();
  });
  // What is empty would be copied whatever is wrong.
  for (const table of copiedTables) {
    expect(await database.snapshot((db) => hasRows(db, table)), table).toBe(true);
  }
  await database.close();
  prepared.set(kind, address);
  return await source(kind);
}

/** Everything that the queries of the port tell, which is what makes two databases the same. */
const seenIn = (database: Database) => commit(database, observe);

const kinds: readonly Kind[] = inject("postgres") === null ? ["sqlite"] : ["sqlite", "postgres"];
// Between the two kinds where there are both.
const pairs: readonly (readonly [Kind, Kind])[] =
  kinds.length === 1
    ? [["sqlite", "sqlite"]]
    : [
        ["sqlite", "postgres"],
        ["postgres", "sqlite"],
      ];

describe.each(pairs)("from %s to %s", (fromKind, toKind) => {
  test("everything arrives, and the copy goes on as a database of its own", async () => {
    const from = await source(fromKind);
    const to = await (await place(toKind))(accepting);
    const before = await seenIn(from);
    const told: CopyProgress[] = [];
    await copyDatabase(from, to, { onProgress: (progress) => told.push(progress) });
    expect(await seenIn(to)).toEqual(before);
    expect(await seenIn(from)).toEqual(before);
    for (const phase of ["copying", "verifying"] as const) {
      const steps = told.filter((each) => each.phase === phase);
      expect(steps.map(({ done }) => done)).toEqual(steps.map(({ done }) => done).sort((a, b) => a - b));
      expect(steps.at(-1)?.done).toBe(steps.at(-1)?.total);
      expect(new Set(steps.map(({ total }) => total)).size).toBe(1);
    }
    // New rows get keys that no copied one has.
    await writeSomething(to, 1);
    await writeSomething(from, 1);
    expect(await seenIn(to)).toEqual(await seenIn(from));
  });

  test("a copy that is stopped anywhere is opened by no server, and the next try goes on behind it", async () => {
    const from = await source(fromKind);
    const open = await place(toKind);
    let to = await open(accepting);
    const reason = new RangeError("on purpose");
    let [tries, copied] = [0, 0];
    for (let isCopied = false; !isCopied; tries += 1) {
      const stop = new AbortController();
      let steps = 0;
      const copying = copyDatabase(from, to, {
        signal: stop.signal,
        onProgress: ({ phase, done }) => {
          // It begins where the last try has ended.
          if (steps === 0) expect(done).toBe(copied);
          isCopied = phase === "verifying";
          if (!isCopied) copied = done;
          steps += 1;
          if (steps === 4 || isCopied) stop.abort(reason);
        },
      });
      await expect(copying).rejects.toBe(reason);
    }
    expect(tries).toBeGreaterThan(5);
    await to.close();
    await expect(open()).rejects.toMatchObject({ code: "COPY_UNFINISHED" });
    to = await open(accepting);
    await copyDatabase(from, to);
    await to.close();
    expect(await seenIn(await open())).toEqual(await seenIn(from));
  });
});

describe("refuses", () => {
  const kind = kinds.at(-1) ?? "sqlite";

  test("a target with anything in it, and leaves it as it was", async () => {
    const from = await source(kind);
    const open = await place(kind);
    const to = await open(accepting);
    const row = organizationRow(OrganizationId.parse("Alone"), DateTime.fromMicros(1));
    await copyDatabase(await (await place(kind))(), to);
    await commit(to, (tx) => tx.organizations.put(row));
    await expect(copyDatabase(from, to)).rejects.toMatchObject({ code: "TARGET_NOT_EMPTY" });
    expect(await commit(to, (tx) => tx.organizations.list())).toEqual([row]);
    await to.close();
    await open();
  });

  test("the half of a copy of another database", async () => {
    const [from, other] = [await source(kind), await (await place(kind))()];
    await commit(other, (tx) =>
      tx.organizations.put(organizationRow(OrganizationId.parse("Other"), DateTime.fromMicros(1))),
    );
    const to = await (await place(kind))(accepting);
    const stop = new AbortController();
    const half = copyDatabase(from, to, { signal: stop.signal, onProgress: () => stop.abort("enough") });
    await expect(half).rejects.toBe("enough");
    await expect(copyDatabase(other, to)).rejects.toMatchObject({ code: "COPY_OF_ANOTHER" });
    await copyDatabase(from, to);
  });

  test("to call complete what was changed on either side meanwhile", async () => {
    const [organizationId, realmId] = [organizations[0], realms[0]];
    if (organizationId === undefined || realmId === undefined) throw new Error("Nothing to write into");
    const from = await (await place(kind))();
    const write = (database: Database) =>
      commit(database, (tx) => tx.vlobs.insert(organizationId, realmId, vlobRow(DateTime.fromMicros(7))));
    await commit(from, async (tx) => {
      await tx.organizations.put(organizationRow(organizationId, DateTime.fromMicros(1)));
      await tx.realms.insert(organizationId, realmRow(realmId, DateTime.fromMicros(1)));
    });
    await write(from);
    const open = await place(kind);
    const to = await open(accepting);
    const stop = new AbortController();
    const half = copyDatabase(from, to, {
      signal: stop.signal,
      onProgress: ({ phase }) => {
        if (phase === "verifying") stop.abort("enough");
      },
    });
    await expect(half).rejects.toBe("enough");
    // The realm's row is there already, and changes.
    await write(from);
    await expect(copyDatabase(from, to)).rejects.toMatchObject({ code: "COPY_DIFFERS" });
    await to.close();
    await expect(open()).rejects.toMatchObject({ code: "COPY_UNFINISHED" });
  });
});

test("a row of many bytes is copied alone: memory holds one part at a time", async () => {
  const kind = kinds.at(-1) ?? "sqlite";
  const [from, to] = [await (await place(kind))(), await (await place(kind))(accepting)];
  const [organizationId, realmId] = [organizations[0], realms[0]];
  if (organizationId === undefined || realmId === undefined) throw new Error("Nothing to write into");
  await commit(from, async (tx) => {
    await tx.organizations.put(organizationRow(organizationId, DateTime.fromMicros(1)));
    await tx.realms.insert(organizationId, realmRow(realmId, DateTime.fromMicros(1)));
    for (const megabytes of [3, 2, 1, 0, 0]) {
      const blob = new Uint8Array(megabytes * 1024 * 1024).fill(megabytes);
      await tx.vlobs.insert(organizationId, realmId, vlobRow(DateTime.fromMicros(1), { blob }));
    }
  });
  const parts: number[] = [];
  let last = 0;
  await copyDatabase(from, to, {
    onProgress: ({ phase, done }) => {
      if (phase === "copying" && done > last) parts.push(done - last);
      if (phase === "copying") last = done;
    },
  });
  // Organization, realm, then the vlobs.
  expect(parts).toEqual([1, 1, 1, 4]);
  const blobs = (database: Database) =>
    commit(database, async (tx) => (await tx.vlobs.list(organizationId, realmId)).map(({ blob }) => blob.length));
  expect(await blobs(to)).toEqual(await blobs(from));
});
