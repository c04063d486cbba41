import { existsSync } from "node:fs";
import { ready } from "@parsec/crypto";
import { blockCreate } from "@parsec/protocol";
import { BlockId, DateTime, OrganizationId } from "@parsec/types";
import { beforeAll, expect, test } from "vitest";
import { expectStatus } from "../../conformance/support/organization.ts";
import { Target } from "../../conformance/support/target.ts";
import { contentOf, readBlock } from "../../src/block-store/content.ts";
import { DatabaseBlockStore } from "../../src/block-store/database.ts";
import { main } from "../../src/cli/main.ts";
import { startServer } from "../../src/index.ts";
import { openSqliteStore } from "../../src/store/sql/sqlite/open.ts";
import { commit, organizationRow } from "../support/rows.ts";
import { newSqliteFile } from "../support/stores.ts";

beforeAll(() => ready());

const never = new Promise<never>(() => undefined);

async function run(argv: readonly string[], stopped: Promise<void> = never, onLine: () => void = () => undefined) {
  const [out, errors]: [string[], string[]] = [[], []];
  const print = (line: string) => {
    out.push(line);
    onLine();
  };
  const code = await main({ argv, env: {}, print, printError: (line) => errors.push(line), stopped });
  return { code, out: out.join("\n"), errors: errors.join("\n") };
}

const copy = (from: string, to: string) => ["copy", "--from", `sqlite:${from}`, "--to", `sqlite:${to}`];

async function filled(): Promise<string> {
  const path = newSqliteFile();
  const store = await openSqliteStore(path);
  const row = organizationRow(OrganizationId.parse("Acme"), DateTime.fromMicros(1));
  await commit(store, (tx) => tx.organizations.put(row));
  await store.close();
  return path;
}

test("copies a database into a new one, says how far it is, and refuses to do it again", async () => {
  const [from, to] = [await filled(), newSqliteFile()];
  expect(await run(copy(from, to))).toEqual({
    code: 0,
    out: [
      "copying: 0 of 1",
      "copying: 1 of 1",
      "verifying: 0 of 2",
      "verifying: 1 of 2",
      "verifying: 2 of 2",
      "Copied and compared: the target is complete",
    ].join("\n"),
    errors: "",
  });
  const store = await openSqliteStore(to);
  const found = await commit(store, (tx) => tx.organizations.list());
  expect(found.map(({ organizationId }) => organizationId)).toEqual(["Acme"]);
  await store.close();
  expect(await run(copy(from, to))).toMatchObject({ code: 1, errors: expect.stringContaining("not empty") });
});

test("stops when it is told to, and goes on at the next call; meanwhile no server starts on the half", async () => {
  const [from, to] = [await filled(), newSqliteFile()];
  let stop: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const stopped = await run(copy(from, to), asked, () => stop());
  expect(stopped).toMatchObject({ code: 1, errors: expect.stringContaining("the same command goes on") });
  const serve = ["run", "--dev", "--port", "0", "--db", `sqlite:${to}`, "-b", "SQLITE"];
  expect(await run(serve, Promise.resolve())).toMatchObject({
    code: 1,
    errors: expect.stringContaining("parsec-server copy again"),
  });
  expect(await run(copy(from, to))).toMatchObject({ code: 0 });
  expect(await run(serve, Promise.resolve())).toMatchObject({ code: 0 });
});

test("copies the bytes of blocks too, out of the database and into it", async () => {
  const [one, two, three] = [newSqliteFile(), newSqliteFile(), newSqliteFile()];
  const folder = `${newSqliteFile()}-blocks`;
  let block: Uint8Array | undefined;
  const key = await (async () => {
    await using server = await startServer({ dev: true, db: `sqlite:${one}`, blocks: "SQLITE" });
    const target = await Target.connect(server.url, server.administrationToken);
    const org = await target.organization();
    const realmId = await org.createRealm(org.alice);
    const blockId = BlockId.generate();
    block = new Uint8Array(5000).fill(7);
    expectStatus(await org.send(org.alice, blockCreate, { realmId, blockId, keyIndex: 1, block }), "ok");
    return { organizationId: OrganizationId.parse(org.id), realmId, blockId };
  })();
  const places = (from: string, to: string) => ["--from-blockstore", from, "--to-blockstore", to];
  const out = await run([...copy(one, two), ...places("SQLITE", `file:${folder}`)]);
  expect(out).toMatchObject({ code: 0, out: expect.stringContaining("copying blocks: 1 of 1\n"), errors: "" });
  const back = await run([...copy(two, three), ...places(`file:${folder}`, "SQLITE")]);
  expect(back).toMatchObject({ code: 0, errors: "" });
  const store = await openSqliteStore(three);
  if (block === undefined) throw new Error("No block");
  expect(await readBlock(new DatabaseBlockStore(store), key, contentOf(block))).toEqual(block);
  await store.close();
});

test("says what is wrong with its options, and creates no file then", async () => {
  const [from, to] = [await filled(), newSqliteFile()];
  for (const [argv, what] of [
    [["copy"], "--from names a database"],
    [["copy", "--from", `sqlite:${from}`], "--to names a database"],
    [["copy", "--from", "MOCKED", "--to", `sqlite:${to}`], "--from names a database"],
    [copy(from, from), "--to names the database that is copied"],
    [copy(to, from), "--from names a file that does not exist"],
    [[...copy(from, to), "--from-blockstore", "SQLITE"], "--to-blockstore go together"],
    [[...copy(from, to), "--from-blockstore", "MOCKED", "--to-blockstore", "SQLITE"], "a place that lasts"],
    [
      [...copy(from, to), "--from-blockstore", "SQLITE", "--to-blockstore", "POSTGRESQL"],
      "--to-blockstore POSTGRESQL needs --to postgresql://",
    ],
  ] as const) {
    expect(await run(argv)).toMatchObject({ code: 2, out: "", errors: expect.stringContaining(what) });
  }
  expect(existsSync(to)).toBe(false);
  expect(await run(["copy", "--help"])).toMatchObject({ code: 0, out: expect.stringContaining("--from DATABASE") });
});
