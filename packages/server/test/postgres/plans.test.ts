import type { Pool, PoolClient } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Transaction } from "../../src/store/port/store.ts";
import { defaultPostgresOptions, loadPostgres } from "../../src/store/sql/postgres/pool.ts";
import { PostgresSession } from "../../src/store/sql/postgres/session.ts";
import { openTransaction } from "../../src/store/sql/transaction.ts";
import { fillDatabase, pretendLarge } from "../support/large-database.ts";
import { Choices } from "../support/store-pools.ts";
import { observe } from "../support/store-view.ts";
import { writes } from "../support/store-writes.ts";
import { createDatabase } from "../support/stores.ts";

// Every statement of every named query goes through an index, whatever the number of rows: the planner, which believes that
// every table is large, chooses no sequential scan, and no scan of an index without a condition on its first column.

/** What looks at a whole table, and why. */
const excused: readonly { readonly statement: RegExp; readonly why: string }[] = [
  { statement: /^select \* from "organization"$/, why: "statistics of the whole server, for its administrator" },
  {
    statement: /"bootstrap_token" is null and "root_verify_key" is null/,
    why: "a partial index, whole: those to forget",
  },
];

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly Plans?: readonly Plan[];
}

/** `PLAN_ROWS=1000000` fills a database with as many vlobs; otherwise the planner is told that there are. */
const realRows = Number(process.env["PLAN_ROWS"] ?? 0);

let pool: Pool;
let client: PoolClient;
/** Each text with the parameters that it was last given. */
const statements = new Map<string, readonly unknown[]>();
/** Of each index. */
const firstColumns = new Map<string, string>();
/** How many new texts the same work needs once it was done twice. */
let growth = Number.NaN;

beforeAll(async () => {
  ({ pool } = await loadPostgres(await createDatabase(), defaultPostgresOptions));
  client = await pool.connect();
  const session = new PostgresSession(client);
  const nothing = async () => undefined;
  const { tx } = openTransaction(
    "postgres",
    async (text, parameters) => {
      statements.set(text, parameters);
      return await session.run(text, parameters);
    },
    { shared: nothing, exclusive: nothing, tryExclusive: async () => true, family: nothing, accounts: nothing },
    { lock: nothing, lockAll: nothing },
  );
  await exercise(tx);
  await exercise(tx);
  const known = statements.size;
  await exercise(tx);
  growth = statements.size - known;
  const { rows } = await client.query<{ readonly index: string; readonly first: string }>(`
    select indexrelid::regclass as index, attname as first
      from pg_index join pg_attribute on attrelid = indrelid and attnum = indkey[0]`);
  for (const { index, first } of rows) firstColumns.set(index, first);
});
afterAll(async () => {
  client.release();
  await pool.end();
});

/** All queries, again and again, with whatever the choices make of them. */
async function exercise(tx: Transaction): Promise<void> {
  for (let round = 0; round < 12; round += 1) {
    for (const [index, write] of writes.entries()) {
      await write(
        tx,
        new Choices(
          Array.from({ length: 31 }, (_, place) => (round * 7 + index * 13 + place * 17) % 997),
          [],
        ),
      );
    }
  }
  await observe(tx);
}

function scansOf(plan: Plan): readonly Plan[] {
  const below = (plan.Plans ?? []).flatMap(scansOf);
  return plan["Node Type"].endsWith("Scan") ? [plan, ...below] : below;
}

/** A part of a plan that reads a whole table or index: a condition on another column than its first does not spare that. */
function isWhole(scan: Plan): boolean {
  const { "Node Type": type, "Index Name": index = "", "Index Cond": condition = "" } = scan;
  if (type === "Seq Scan") return true;
  if (!/^(?:Index|Index Only|Bitmap Index) Scan$/.test(type)) return false;
  return !condition.includes(`(${firstColumns.get(index)} `);
}

test("the texts of statements do not depend on values: a connection prepares each once", () => {
  expect(growth).toBe(0);
});

/** What each statement would scan, for those scans that `isBad` finds. */
async function badPlans(isBad: (scan: Plan) => boolean): Promise<readonly string[]> {
  const bad: string[] = [];
  for (const [text, parameters] of statements) {
    if (excused.some(({ statement }) => statement.test(text))) continue;
    const values = parameters.map((value) => (Number.isInteger(value) ? String(BigInt(Number(value))) : value));
    const { rows } = await client.query<{ readonly "QUERY PLAN": readonly { readonly Plan: Plan }[] }>(
      `explain (format json) ${text}`,
      values,
    );
    for (const { Plan: plan } of rows[0]?.["QUERY PLAN"] ?? []) {
      const scans = scansOf(plan).filter(isBad);
      if (scans.length > 0) bad.push(`${scans.map((scan) => scan["Relation Name"]).join()}: ${text}`);
    }
  }
  expect(statements.size).toBeGreaterThan(110);
  return bad;
}

test("no statement of a named query reads a whole table or index of a million rows", async () => {
  if (realRows > 0) await fillDatabase(client, realRows);
  else await pretendLarge(client);
  expect(await badPlans(isWhole)).toEqual([]);
}, 1_800_000);

test("what goes with a row is found by an index", async () => {
  const { rows } = await client.query<{ readonly owned: string }>(`
    select format('%s (%s)', conrelid::regclass, attname) as owned
      from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
     where contype = 'f' and not exists (
       select from pg_index where indrelid = conrelid and indkey[0] = conkey[1] and indpred is null)`);
  expect(rows.map(({ owned }) => owned)).toEqual([]);
});
