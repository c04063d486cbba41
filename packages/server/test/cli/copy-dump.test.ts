import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ready } from "@parsec/crypto";
import { OrganizationId } from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { FileBlockStore } from "../../src/block-store/file/file-store.ts";
import { MemoryBlockStore } from "../../src/block-store/memory.ts";
import { type BlockKey, BlockStoreError } from "../../src/block-store/port.ts";
import { main } from "../../src/cli/main.ts";
import { JsonFields } from "../../src/http/json-fields.ts";
import { openSqliteStore } from "../../src/store/sql/sqlite/open.ts";
import { copyDump } from "../../src/testbed/copy-dump.ts";
import { dumpOrganization } from "../../src/testbed/dump/dump.ts";
import { parseDump } from "../../src/testbed/load/dump-document.ts";
import { newSqliteFile } from "../support/stores.ts";

const folder = new URL("../../../../test/vectors/organizations/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
const pathOf = (name: string) => fileURLToPath(new URL(name, folder));
const organizationId = OrganizationId.parse("Acme");

beforeAll(() => ready());

async function run(...argv: readonly string[]) {
  const [out, errors]: [string[], string[]] = [[], []];
  const code = await main({
    argv: ["copy", ...argv],
    env: {},
    print: (line) => out.push(line),
    printError: (line) => errors.push(line),
    stopped: new Promise(() => undefined),
  });
  return { code, out: out.join("\n"), errors: errors.join("\n") };
}

/** Copies a dump into a new database and a new folder: what it became, as a dump again. */
async function copied(path: string) {
  const [database, blocks] = [newSqliteFile(), newSqliteFile()];
  const target = ["--to", `sqlite:${database}`, "--to-blockstore", `file:${blocks}`];
  expect(await run("--from", `dump:${path}`, "--organization", "Acme", ...target)).toMatchObject({
    code: 0,
    errors: "",
  });
  const store = await openSqliteStore(database);
  const dump = await dumpOrganization(store, await FileBlockStore.open(blocks), organizationId);
  await store.close();
  return JSON.parse(JSON.stringify({ format: "parsec-organization-dump/1", ...dump })) as {
    readonly operations: readonly unknown[];
  };
}

describe.each(names)("%s", (name) => {
  test("becomes an organization in a database, with its blocks, which gives the same dump again", async () => {
    const { operations } = JSON.parse(readFileSync(pathOf(name), "utf8")) as {
      readonly operations: readonly unknown[];
    };
    const first = await copied(pathOf(name));
    // Settings are told with the organization.
    const isKept = (operation: unknown) => !JSON.stringify(operation).includes('"organization_update"');
    expect(first.operations).toHaveLength(operations.filter(isKept).length);
    const path = `${newSqliteFile()}.json`;
    writeFileSync(path, JSON.stringify(first));
    expect(await copied(path)).toEqual(first);
  });
});

test("a copy that its block store ends is gone on with; no server opens the half", async () => {
  const dump = parseDump(JsonFields.parse(readFileSync(pathOf("workspace_history.json"), "utf8")));
  class Failing extends MemoryBlockStore {
    left = 1;
    override async put(key: BlockKey, block: Uint8Array): Promise<void> {
      this.left -= 1;
      if (this.left < 0) throw new BlockStoreError("BLOCK_STORE_FAILED", "on purpose");
      await super.put(key, block);
    }
  }
  const path = newSqliteFile();
  const blocks = new Failing();
  const to = await openSqliteStore(path, { acceptUnfinishedCopy: true });
  await expect(copyDump(dump, organizationId, to, { blocks })).rejects.toMatchObject({ code: "BLOCK_STORE_FAILED" });
  const other = OrganizationId.parse("Other");
  await expect(copyDump(dump, other, to, { blocks })).rejects.toMatchObject({ code: "COPY_OF_ANOTHER" });
  await to.close();
  await expect(openSqliteStore(path)).rejects.toMatchObject({ code: "COPY_UNFINISHED" });
  const again = await openSqliteStore(path, { acceptUnfinishedCopy: true });
  blocks.left = Number.POSITIVE_INFINITY;
  const told: (readonly [number, number])[] = [];
  await copyDump(dump, organizationId, again, {
    blocks,
    onProgress: ({ done, total }) => told.push([done, total]),
  });
  expect(told.at(-1)?.[0]).toBe(told.at(-1)?.[1]);
  expect(told.length).toBeGreaterThan(2);
  await expect(copyDump(dump, organizationId, again, { blocks })).rejects.toMatchObject({ code: "TARGET_NOT_EMPTY" });
  await again.close();
  await (await openSqliteStore(path)).close();
});

test("says what is wrong with a dump, or with what is asked", async () => {
  const to = () => ["--to", `sqlite:${newSqliteFile()}`];
  const path = `${newSqliteFile()}.json`;
  writeFileSync(path, "{}");
  const [dump, acme] = [`dump:${pathOf("minimal.json")}`, ["--organization", "Acme"]];
  for (const [argv, code, what] of [
    [["--from", dump, ...to()], 2, "--organization names the organization"],
    [["--from", "dump:/nowhere/dump.json", ...acme, ...to()], 2, "cannot read the file"],
    [["--from", `dump:${path}`, ...acme, ...to()], 1, "format"],
    [["--from", dump, "--from-blockstore", "SQLITE", ...acme, ...to()], 2, "a dump has its blocks"],
    [["--from", `dump:${pathOf("workspace_history.json")}`, ...acme, ...to()], 1, "say where they go to"],
  ] as const) {
    expect(await run(...argv)).toMatchObject({ code, errors: expect.stringContaining(what) });
  }
});
