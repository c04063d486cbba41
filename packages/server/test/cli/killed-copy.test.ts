import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { BlockId, DateTime, DeviceId, OrganizationId, VlobId } from "@parsec/types";
import { expect, test } from "vitest";
import { bundleProgram } from "../../../../test/support/bundle-program.ts";
import { contentOf, readBlock } from "../../src/block-store/content.ts";
import { DatabaseBlockStore } from "../../src/block-store/database.ts";
import { FileBlockStore } from "../../src/block-store/file/file-store.ts";
import { openSqliteStore } from "../../src/store/sql/sqlite/open.ts";
import { commit, organizationRow, realmRow, vlobRow } from "../support/rows.ts";
import { newSqliteFile } from "../support/stores.ts";

// A copy that is killed leaves a half that no server takes for a whole, and that the same command completes.

const program = join(import.meta.dirname, "../support/copy-program.ts");
const organizationId = OrganizationId.parse("Acme");
const realmId = VlobId.generate();
const now = DateTime.fromMicros(1);
const blocks = Array.from({ length: 200 }, (_, index) => ({
  key: { organizationId, realmId, blockId: BlockId.generate() },
  block: new Uint8Array(100 + index).fill(index),
}));
const vlobs = Array.from({ length: 2000 }, () => vlobRow(now));

/** A database of many rows, with the bytes of its blocks. */
async function filled(): Promise<string> {
  const path = newSqliteFile();
  const store = await openSqliteStore(path);
  const bytes = new DatabaseBlockStore(store);
  await commit(store, async (tx) => {
    await tx.organizations.put(organizationRow(organizationId, now));
    await tx.realms.insert(organizationId, realmRow(realmId, now));
    for (const row of vlobs) await tx.vlobs.insert(organizationId, realmId, row);
    for (const { key, block } of blocks) {
      const row = { blockId: key.blockId, author: DeviceId.generate(), keyIndex: 1, createdOn: now };
      await tx.blocks.insert(organizationId, realmId, { ...row, ...contentOf(block) });
    }
  });
  for (const { key, block } of blocks) await bytes.put(key, block);
  await store.close();
  return path;
}

interface Death {
  readonly phase: "copying" | "copying blocks" | "verifying";
  /** Which of the lines that tell about it. */
  readonly line: number;
  readonly when: "at once" | "next";
}

async function run(argv: readonly string[], death?: Death) {
  const { phase = "", line = 0, when = "at once" } = death ?? {};
  const args = [await bundleProgram(program), phase, String(line), when, ...argv];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const [out, errors, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { code: code as unknown, signal: signal as unknown, out, errors };
}

test("killed at one part after the other, it is completed by the same command, and compared", async () => {
  const [from, to, folder] = [await filled(), newSqliteFile(), `${newSqliteFile()}-blocks`];
  const databases = ["--from", `sqlite:${from}`, "--to", `sqlite:${to}`];
  const copy = ["copy", ...databases, "--from-blockstore", "SQLITE", "--to-blockstore", `file:${folder}`];
  const deaths: readonly Death[] = [
    { phase: "copying", line: 2, when: "at once" },
    { phase: "copying", line: 3, when: "at once" },
    // Between the blocks of a part.
    { phase: "copying blocks", line: 1, when: "next" },
    { phase: "copying blocks", line: 2, when: "at once" },
    { phase: "verifying", line: 3, when: "at once" },
  ];
  /** The first line of each try: how far the one before has come. */
  const found: string[] = [];
  for (const death of deaths) {
    const { signal, out, errors } = await run(copy, death);
    expect([signal, errors], JSON.stringify(death)).toEqual(["SIGKILL", ""]);
    expect(out).not.toContain("complete");
    found.push(out.split("\n")[0] ?? "");
    await expect(openSqliteStore(to)).rejects.toMatchObject({ code: "COPY_UNFINISHED" });
  }
  const last = await run(copy);
  expect(last).toMatchObject({ code: 0, errors: "", out: expect.stringContaining("Copied and compared") });
  found.push(last.out.split("\n")[0] ?? "");
  expect(found).toEqual([
    "copying: 0 of 2202",
    "copying: 258 of 2202",
    "copying: 770 of 2202",
    "copying: 2202 of 2202",
    "copying blocks: 64 of 200",
    "copying blocks: 200 of 200",
  ]);
  const store = await openSqliteStore(to);
  const seen = await commit(store, async (tx) => await tx.vlobs.list(organizationId, realmId));
  expect(seen).toEqual(vlobs);
  const bytes = await FileBlockStore.open(folder);
  for (const { key, block } of blocks) expect(await readBlock(bytes, key, contentOf(block))).toEqual(block);
  await store.close();
});
