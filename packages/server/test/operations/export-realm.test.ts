import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { equalBytes, SettableClock } from "@parsec/base";
import { certificateGet, realmRotateKey } from "@parsec/protocol";
import { DateTime, VlobId } from "@parsec/types";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectStatus, type TestOrganization } from "../../conformance/support/organization.ts";
import { createService } from "../../conformance/support/sequester.ts";
import { MemoryBlockStore } from "../../src/block-store/memory.ts";
import { BlockStoreError } from "../../src/block-store/port.ts";
import { ExportFile } from "../../src/operations/export-file.ts";
import { type ExportProgress, exportRealm } from "../../src/operations/export-realm.ts";
import { loadSqlite } from "../../src/store/sql/sqlite/binding.ts";
import { createBlock, idOf, laterClock, type Operated, operatedServer, updateVlob } from "../support/operated.ts";

/** A block store that fails when it is told to, and counts what is read. */
class FailingBlockStore extends MemoryBlockStore {
  reads = 0;
  /** How many more reads work; then every one fails. */
  healthy = Number.POSITIVE_INFINITY;
  onFailure: () => void = () => undefined;

  override async *get(...args: Parameters<MemoryBlockStore["get"]>): AsyncIterable<Uint8Array> {
    if (this.healthy <= 0) {
      this.onFailure();
      throw new BlockStoreError("BLOCK_STORE_FAILED", "Away");
    }
    this.healthy -= 1;
    this.reads += 1;
    yield* super.get(...args);
  }
}

const blockStore = new FailingBlockStore();
let folder: string;
let path: string;
let operated: Operated;
let org: TestOrganization;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "parsec-export-"));
  path = join(folder, "export.sqlite");
  Object.assign(blockStore, { reads: 0, healthy: Number.POSITIVE_INFINITY, onFailure: () => undefined });
  operated = await operatedServer(blockStore);
  org = await operated.target.organization();
});
afterEach(async () => {
  await operated[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const run = async (
  realmId: VlobId,
  options: Partial<Parameters<typeof exportRealm>[3]> & { snapshot?: DateTime } = {},
) => {
  const { snapshot, ...others } = options;
  const realm = { organizationId: idOf(org), realmId, snapshot };
  await exportRealm(operated, realm, path, { clock: laterClock(), ...others });
};

async function rowsOf(table: string, order = "1"): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const file = (await loadSqlite())(path);
  try {
    return file.run(`SELECT * FROM ${table} ORDER BY ${order}`, []).rows as readonly Readonly<
      Record<string, unknown>
    >[];
  } finally {
    file.close();
  }
}

const bytes = (value: unknown) => (value instanceof Uint8Array ? [...value] : value);

/** A realm of two members with some of everything. */
async function furnishedRealm() {
  const bob = await org.addUser();
  const realmId = await org.createRealm(org.alice);
  await org.share(org.alice, realmId, bob, "CONTRIBUTOR");
  const first = await org.createVlob(org.alice, realmId);
  await org.createVlob(bob, realmId);
  await updateVlob(org, bob, realmId, first, 2);
  const blocks = [Uint8Array.of(1), Uint8Array.of(2, 2), Uint8Array.of(3, 3, 3)];
  const ids = [];
  for (const block of blocks) ids.push(await createBlock(org, org.alice, realmId, block));
  return { bob, realmId, first, blocks, ids };
}

test("a whole realm, as clients see it", async () => {
  const { realmId, first, blocks } = await furnishedRealm();
  const clock = laterClock();
  await run(realmId, { clock });

  const [info] = await rowsOf("info");
  expect(info).toMatchObject({
    magic: 87948,
    version: 1,
    organization_id: org.id,
    snapshot_timestamp: clock.now() - 320_000_000,
    vlobs_total_bytes: 19,
    blocks_total_bytes: 6,
    certificates_export_done: 1,
    vlobs_export_done: 1,
    blocks_metadata_export_done: 1,
    blocks_data_export_done: 1,
  });
  expect(bytes(info?.["realm_id"])).toEqual([...VlobId.toBytes(realmId)]);
  expect(bytes(info?.["root_verify_key"])).toEqual(bytes(org.rootKey.verifyKey.toBytes()));

  const seen = await org.send(org.alice, certificateGet, {
    commonAfter: null,
    sequesterAfter: null,
    shamirRecoveryAfter: null,
    realmAfter: new Map(),
  });
  expectStatus(seen, "ok");
  const certificates = async (table: string) => (await rowsOf(table)).map((row) => bytes(row["certificate"]));
  expect(await certificates("common_certificate")).toEqual(seen.commonCertificates.map(bytes));
  expect(await certificates("realm_certificate")).toEqual(seen.realmCertificates.get(realmId)?.map(bytes));
  expect(await certificates("sequester_certificate")).toEqual([]);

  expect((await rowsOf("realm_keys_bundle")).map((row) => [row["key_index"], bytes(row["keys_bundle"])])).toEqual([
    [1, [1, 3]],
  ]);
  const accesses = (await rowsOf("realm_keys_bundle_access")).map((row) => [row["key_index"], bytes(row["access"])]);
  expect(accesses).toEqual([
    [1, [1, 1]],
    [1, [9]],
  ]);

  const atoms = (await rowsOf("vlob_atom")).map((row) => [
    row["sequential_id"],
    equalBytes(row["vlob_id"] as Uint8Array, VlobId.toBytes(first)) ? "first" : "second",
    row["version"],
    row["size"],
  ]);
  expect(atoms).toEqual([
    [1, "first", 1, 9],
    [2, "second", 1, 9],
    [3, "first", 2, 1],
  ]);

  const data = await rowsOf("block JOIN block_data ON block_data.block = block.sequential_id", "sequential_id");
  expect(data.map((row) => [row["sequential_id"], row["size"], row["key_index"], bytes(row["data"])])).toEqual(
    blocks.map((block, index) => [index + 1, block.length, 1, [...block]]),
  );
});

test("what came after the moment is left out, of every kind", async () => {
  const { bob, realmId, first } = await furnishedRealm();
  const snapshot = DateTime.fromMicros(org.now());
  await org.addUser();
  await updateVlob(org, org.alice, realmId, first, 3);
  await createBlock(org, org.alice, realmId, Uint8Array.of(9));
  await org.unshare(org.alice, realmId, bob);
  const rotation = org.rotationFields(org.alice, realmId, 2, [org.alice]);
  expectStatus(await org.send(org.alice, realmRotateKey, rotation), "ok");
  await run(realmId, { snapshot });
  expect((await rowsOf("common_certificate")).length).toBe(4);
  expect((await rowsOf("vlob_atom")).map((row) => row["sequential_id"])).toEqual([1, 2, 3]);
  expect((await rowsOf("block")).length).toBe(3);
  expect((await rowsOf("realm_keys_bundle")).length).toBe(1);
  expect((await rowsOf("info"))[0]).toMatchObject({ vlobs_total_bytes: 19, blocks_total_bytes: 6 });
});

test("a sequestered organization, with the keys for its services", async () => {
  org = await operated.target.sequesteredOrganization();
  const { serviceId } = await createService(operated.target, org, { type: "storage" });
  const realmId = await org.createBareRealm(org.alice);
  const fields = org.rotationFields(org.alice, realmId, 1, [org.alice], { services: [serviceId] });
  expectStatus(await org.send(org.alice, realmRotateKey, fields), "ok");
  await run(realmId);
  expect((await rowsOf("sequester_certificate")).length).toBe(2);
  const accesses = await rowsOf("realm_sequester_keys_bundle_access");
  expect(accesses.map((row) => [row["key_index"], bytes(row["access"])])).toEqual([[1, [1, 2]]]);
});

describe("goes on", () => {
  test("where a failing block store ended it, without reading twice", async () => {
    const { realmId } = await furnishedRealm();
    blockStore.healthy = 1;
    const clock = laterClock();
    const pauses: number[] = [];
    // Time passes as soon as somebody waits for it.
    const hasty = Object.assign(new SettableClock(clock.now()), {
      timer: (delayMs: number, done: () => void) => {
        pauses.push(delayMs);
        setImmediate(done);
        return { cancel: () => undefined };
      },
    });
    await expect(run(realmId, { clock: hasty })).rejects.toMatchObject({ code: "BLOCKS_UNAVAILABLE" });
    expect(pauses).toEqual([2000, 4000, 8000, 16_000]);
    expect((await rowsOf("info"))[0]).toMatchObject({ blocks_metadata_export_done: 1, blocks_data_export_done: 0 });
    expect((await rowsOf("block_data")).length).toBe(1);

    blockStore.healthy = Number.POSITIVE_INFINITY;
    // Later, and without naming the moment: it is the file's.
    await run(realmId, { clock: laterClock(900) });
    expect(blockStore.reads).toBe(3);
    expect((await rowsOf("block_data")).length).toBe(3);
    expect((await rowsOf("info"))[0]).toMatchObject({ snapshot_timestamp: clock.now() - 320_000_000 });
    await run(realmId);
    expect(blockStore.reads).toBe(3);
  });

  test("where an abort ended it", async () => {
    const { realmId } = await furnishedRealm();
    const stop = new AbortController();
    const steps: string[] = [];
    const onProgress = ({ step }: ExportProgress) => {
      steps.push(step);
      if (step === "blocks_metadata") stop.abort(new Error("enough"));
    };
    await expect(run(realmId, { signal: stop.signal, onProgress })).rejects.toThrow("enough");
    expect(steps).toEqual(["certificates", "vlobs", "blocks_metadata"]);
    expect(blockStore.reads).toBe(0);
    const rest: ExportProgress[] = [];
    await run(realmId, { onProgress: (progress) => rest.push(progress) });
    expect(rest.at(-1)).toEqual({ step: "blocks_data", done: 6, total: 6 });
    expect((await rowsOf("block_data")).length).toBe(3);
  });
});

describe("is refused", () => {
  test("for what is not there, and no file is made", async () => {
    await expect(run(VlobId.generate())).rejects.toMatchObject({ code: "REALM_NOT_FOUND" });
    const unknown = { organizationId: idOf(await operated.target.newOrganization()), realmId: VlobId.generate() };
    const clock = laterClock();
    await expect(exportRealm(operated, unknown, path, { clock })).rejects.toMatchObject({
      code: "ORGANIZATION_NOT_BOOTSTRAPPED",
    });
    expect(() => readFileSync(path)).toThrow();
  });

  test("for a moment that clients may still write into, or before the realm", async () => {
    const before = org.now();
    const realmId = await org.createRealm(org.alice);
    const clock = laterClock();
    const [recent, latest] = [320_000_000 - 1, 320_000_000].map((age) => DateTime.fromMicros(clock.now() - age));
    await expect(run(realmId, { clock, snapshot: recent ?? before })).rejects.toMatchObject({
      code: "SNAPSHOT_TOO_RECENT",
    });
    await expect(run(realmId, { clock, snapshot: before })).rejects.toMatchObject({ code: "SNAPSHOT_TOO_OLD" });
    rmSync(path);
    await run(realmId, { clock, snapshot: latest ?? before });
  });

  test("into a file of something else, which stays as it was", async () => {
    const [realmId, other] = [await org.createRealm(org.alice), await org.createRealm(org.alice)];
    await run(other);
    const content = readFileSync(path);
    await expect(run(realmId)).rejects.toMatchObject({ code: "EXPORT_OF_ANOTHER" });
    const elsewhen = { snapshot: DateTime.fromMicros(org.now()) };
    await expect(run(other, elsewhen)).rejects.toMatchObject({ code: "EXPORT_OF_ANOTHER" });
    expect(readFileSync(path).equals(content)).toBe(true);

    writeFileSync(path, "a letter to somebody, that is no database at all");
    await expect(run(realmId)).rejects.toMatchObject({ code: "EXPORT_OF_ANOTHER" });
    expect(readFileSync(path, "utf8")).toMatch(/^a letter/);

    rmSync(path);
    const foreign = (await loadSqlite())(path);
    foreign.exec("CREATE TABLE mine (x)");
    foreign.close();
    await expect(run(realmId)).rejects.toMatchObject({ code: "EXPORT_OF_ANOTHER" });
  });

  test("while another process writes into the file", async () => {
    const realmId = await org.createRealm(org.alice);
    const first = await ExportFile.open(path);
    await expect(run(realmId)).rejects.toMatchObject({ code: "EXPORT_IN_USE" });
    first.close();
    await run(realmId);
  });

  test("when the block store has lost a block, which it names", async () => {
    const { realmId, ids } = await furnishedRealm();
    const [blockId] = ids;
    if (blockId === undefined) throw new Error("there are blocks");
    await blockStore.delete({ organizationId: idOf(org), realmId, blockId });
    await expect(run(realmId)).rejects.toMatchObject({ code: "BLOCK_MISSING" });
    expect((await rowsOf("info"))[0]).toMatchObject({ blocks_data_export_done: 0 });
  });
});
