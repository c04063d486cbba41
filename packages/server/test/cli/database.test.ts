import { existsSync, readFileSync } from "node:fs";
import { DateTime, OrganizationId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import { main } from "../../src/cli/main.ts";
import { startServer } from "../../src/index.ts";
import { migrationNames } from "../../src/store/sql/migrate.ts";
import { openSqliteStore } from "../../src/store/sql/sqlite/open.ts";
import { commit, organizationRow } from "../support/rows.ts";
import { newSqliteFile } from "../support/stores.ts";

async function run(...argv: readonly string[]) {
  const [out, errors]: [string[], string[]] = [[], []];
  const code = await main({
    argv,
    env: {},
    print: (line) => out.push(line),
    printError: (line) => errors.push(line),
    stopped: Promise.resolve(),
  });
  return { code, out: out.join("\n"), errors: errors.join("\n") };
}

const applied = migrationNames.map((name) => `${name} (already applied)`).join("\n");
const done = migrationNames.map((name) => `${name} ✔`).join("\n");

describe("migrate", () => {
  test("makes a new database, once", async () => {
    const db = `sqlite:${newSqliteFile()}`;
    expect(await run("migrate", "--db", db)).toEqual({ code: 0, out: done, errors: "" });
    expect(await run("migrate", "--db", db)).toEqual({ code: 0, out: applied, errors: "" });
    expect(await run("migrate", "--db", db, "--dry-run")).toEqual({ code: 0, out: applied, errors: "" });
  });

  test("--dry-run changes nothing, and creates no file", async () => {
    const path = newSqliteFile();
    expect(await run("migrate", "--db", `sqlite:${path}`, "--dry-run")).toEqual({ code: 0, out: done, errors: "" });
    expect(existsSync(path)).toBe(false);
  });

  test("says what it does", async () => {
    expect((await run("migrate", "--help")).out).toContain("--dry-run");
  });
});

describe("run", () => {
  test("on a file that is not there yet makes it, and what it holds is there at the next start", async () => {
    const path = newSqliteFile();
    const folder = `${path}-blocks`;
    const places = ["--db", `sqlite:${path}`, "--blockstore", `file:${folder}`];
    const { code, out, errors } = await run("run", "--dev", "--port", "0", ...places);
    expect([code, errors]).toEqual([0, ""]);
    expect(out).toContain(`(db=sqlite:${path} blockstore=file:${folder} `);
    expect(existsSync(folder)).toBe(true);
    const server = await startServer({ dev: true, db: `sqlite:${path}`, blocks: `file:${folder}` });
    await server.createOrganization("Acme");
    await server.close();
    const store = await openSqliteStore(path);
    const [organization] = await commit(store, (tx) => tx.organizations.list());
    expect(organization?.organizationId).toBe("Acme");
    await store.close();
  });

  test("refuses a database that lacks migrations, or that another process has", async () => {
    const path = newSqliteFile();
    const store = await openSqliteStore(path);
    const argv = ["run", "--dev", "--port", "0", "--db", `sqlite:${path}`, "--blockstore", "SQLITE"];
    expect(await run(...argv)).toMatchObject({
      code: 1,
      errors: expect.stringContaining("is open in another process"),
    });
    await store.alone(async (db) => {
      await db.deleteFrom("migration").execute();
      await db
        .insertInto("migration")
        .values({ name: "0000-unknown", applied_on: DateTime.fromMicros(1) })
        .execute();
    });
    await store.close();
    const refused = await run(...argv);
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining("0000-unknown") });
  });

  test("without a database that answers gives up after its attempts, and says nothing of its address", async () => {
    const db = "postgresql://parsec:s3cr3t@127.0.0.1:9/parsec";
    const few = ["--maximum-database-connection-attempts", "2", "--pause-before-retry-database-connection", "0.01"];
    const { code, out, errors } = await run("run", "--dev", "--port", "0", "--db", db, "-b", "POSTGRESQL", ...few);
    expect([code, out]).toEqual([1, ""]);
    expect(errors).toBe(
      "The database could not be reached in 2 attempts (ECONNREFUSED): check its address and that it runs",
    );
  });

  test("on a port that is taken lets the file go", async () => {
    await using other = await startServer({ dev: true });
    const path = newSqliteFile();
    const taken = startServer({ dev: true, port: other.port, db: `sqlite:${path}`, blocks: "SQLITE" });
    await expect(taken).rejects.toMatchObject({ code: "ADDRESS_IN_USE" });
    const store = await openSqliteStore(path);
    const row = organizationRow(OrganizationId.parse("Acme"), DateTime.fromMicros(1));
    await commit(store, (tx) => tx.organizations.put(row));
    await store.close();
    expect(readFileSync(path).length).toBeGreaterThan(0);
  });
});
