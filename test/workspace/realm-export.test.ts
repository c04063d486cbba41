import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ParsecError, toHex } from "@parsec/base";
import { createParsec, InvalidManifestError, type Parsec, type RealmExport, type RealmExportKey } from "@parsec/client";
import { SigningKey } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { memoryDriver } from "@parsec/storage";
import { DateTime, SequesterServiceId } from "@parsec/types";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ExportName, realmExportCopy, runSql } from "../../packages/storage/test/support/realm-export-copy.ts";
import { codeOf } from "../support/assertions.ts";
import { bytesOf, localDevice, readDump, readVector } from "../support/organization-dump.ts";

// What an export command made is read without any server; whatever somebody does to the file, nothing is believed that
// the organization did not sign, and the file is not touched.

interface HistoryVector {
  readonly keys: { readonly sequester_services: readonly Readonly<Record<string, string>>[] };
  readonly expected: {
    readonly realms: readonly [
      {
        readonly history: readonly {
          readonly at: number;
          readonly tree: readonly { readonly path: string; readonly version: number; readonly text?: string }[] | null;
        }[];
      },
    ];
  };
}

const names: readonly ExportName[] = ["workspace_history", "sequestered"];
let parsec: Parsec;
let folder: string;

beforeAll(async () => {
  parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver() });
});
afterAll(() => parsec.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "realm-export-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function memberKey(name: ExportName, label: string): RealmExportKey {
  return {
    device: localDevice(readDump(`${name}.json`), label, {
      serverUrl: "http://127.0.0.1:1",
      organizationId: "Exported",
    }),
  };
}

function serviceKey(index = 0): RealmExportKey {
  const service = readVector<HistoryVector>("organizations/sequestered.json").keys.sequester_services[index];
  const serviceId = SequesterServiceId.parse(service?.["service_id"] ?? "");
  if (serviceId === undefined) throw new Error("no such service");
  return { serviceId, privateKey: bytesOf(service?.["encryption_private_key_der"]) };
}

function historyOf(name: ExportName): HistoryVector["expected"]["realms"][0]["history"] {
  return readVector<HistoryVector>(`organizations/${name}.json`).expected.realms[0].history;
}

/** Opens an export, and makes sure that nothing happens to the file or around it. */
async function using<T>(path: string, keys: readonly RealmExportKey[], work: (opened: RealmExport) => Promise<T>) {
  const state = () => [
    createHash("sha256").update(readFileSync(path)).digest("hex"),
    statSync(path, { bigint: true }).mtimeNs,
    readdirSync(dirname(path)),
  ];
  const before = state();
  try {
    await usingOpened(await parsec.openRealmExport(path, keys), work, () => expect(state()).toEqual(before));
  } finally {
    expect(state()).toEqual(before);
  }
}

async function usingOpened<T>(opened: RealmExport, work: (opened: RealmExport) => Promise<T>, during: () => void) {
  try {
    await work(opened);
    during();
  } finally {
    await opened.close();
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function textOf(opened: RealmExport, path: string): Promise<string> {
  return new Response(await opened.readFile(path)).text();
}

async function treeOf(opened: RealmExport, path = "/"): Promise<{ path: string; version: number; text?: string }[]> {
  const { kind, version } = await opened.stat(path);
  if (kind === "file") return [{ path, version, text: await textOf(opened, path) }];
  const entries = await all(opened.list(path));
  const below = await Promise.all(entries.map(({ name }) => treeOf(opened, `${path === "/" ? "" : path}/${name}`)));
  return [{ path, version }, ...below.flat()];
}

async function expectWholeHistory(name: ExportName, opened: RealmExport): Promise<void> {
  for (const { at, tree } of historyOf(name)) {
    if (tree === null) {
      expect(await codeOf(opened.setTime(DateTime.fromMicros(at)))).toBe("OLDER_THAN_LOWER_BOUND");
      continue;
    }
    await opened.setTime(DateTime.fromMicros(at));
    const expected = tree.map(({ path, version, text }) =>
      text === undefined ? { path, version } : { path, version, text },
    );
    expect(await treeOf(opened)).toEqual(expected);
  }
}

describe("what was exported", () => {
  test.each(names.flatMap((name) => ["Alice", "Bob"].map((label) => [name, label] as const)))(
    "%s: %s sees every moment, with all content",
    async (name, label) => {
      await using(realmExportCopy(folder, name), [memberKey(name, label)], async (opened) => {
        await expectWholeHistory(name, opened);
        const moments = historyOf(name).filter(({ tree }) => tree !== null);
        expect(opened.bounds).toEqual({ lower: moments[0]?.at, higher: 1_577_836_800_000_000 });
        expect(await codeOf(opened.setTime(DateTime.fromMicros(opened.bounds.higher + 1)))).toBe(
          "NEWER_THAN_HIGHER_BOUND",
        );
      });
    },
  );

  test("a sequester service sees what it had the keys of, even revoked", async () => {
    await using(realmExportCopy(folder, "sequestered"), [serviceKey()], async (opened) => {
      const versions = await all(opened.versions("/bar.txt"));
      expect(versions.map(({ kind, version }) => [kind, version])).toEqual([
        ["damaged", 3],
        ["file", 2],
        ["file", 1],
      ]);
      for (const { at, tree } of historyOf("sequestered").slice(1, 4)) {
        await opened.setTime(DateTime.fromMicros(at));
        expect((await treeOf(opened)).map(({ text }) => text)).toEqual(tree?.map(({ text }) => text));
      }
      const last = opened.setTime(DateTime.fromMicros(opened.bounds.higher));
      await expect(last).rejects.toMatchObject({ name: "InvalidManifestError", reason: "NON_EXISTENT_KEY_INDEX" });
    });
  });

  test("the first key that works is used; without any, nothing is shown", async () => {
    const path = realmExportCopy(folder, "sequestered");
    await using(path, [serviceKey(1), memberKey("sequestered", "Bob")], (opened) =>
      expectWholeHistory("sequestered", opened),
    );
    expect(await codeOf(parsec.openRealmExport(path, [serviceKey(1)]))).toBe("REALM_ACCESS_DENIED");
  });

  test("versions tell author, date and size, also of a name that was given up", async () => {
    await using(
      realmExportCopy(folder, "workspace_history"),
      [memberKey("workspace_history", "Alice")],
      async (opened) => {
        const versions = await all(opened.versions("/bar.txt"));
        expect(
          versions.map((each) => ("size" in each ? [each.version, each.size, each.author.userId?.slice(0, 6)] : each)),
        ).toEqual([
          [4, 2, "808c00"],
          [3, 8, "808c00"],
          [2, 14, "3a1103"],
          [1, 8, "a11cec"],
        ]);
        expect(await all(opened.versions("/bar2.txt"))).toEqual(versions);
        expect(await codeOf(all(opened.versions("/nothing")))).toBe("ENTRY_NOT_FOUND");
      },
    );
  });

  test("by id, in parts; a closed one says so, and an abort ends what has begun", async () => {
    const [path, keys] = [realmExportCopy(folder, "workspace_history"), [memberKey("workspace_history", "Bob")]];
    const reason = new Error("enough");
    await expect(parsec.openRealmExport(path, keys, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const opened = await parsec.openRealmExport(path, keys);
    await opened.setTime(DateTime.fromMicros(978_825_600_000_000));
    const file = await opened.openById((await opened.stat("/bar.txt")).id);
    expect(Buffer.from(await file.read(6, 2)).toString()).toBe("v2");
    await expect(file.read(0, 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await opened.close();
    await opened.close();
    expect(await codeOf(opened.stat("/"))).toBe("HISTORY_CLOSED");
    expect(await codeOf(file.read(0, 1))).toBe("HISTORY_CLOSED");
    expect(await codeOf(all(opened.versions("/")))).toBe("HISTORY_CLOSED");
  });

  test("a file left with a write-ahead log is read as the others, and nothing appears beside it", async () => {
    const path = realmExportCopy(folder, "workspace_history", "PRAGMA journal_mode = WAL");
    expect(readFileSync(path)[18]).toBe(2);
    const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith("parsec-realm-export-"));
    const before = copies();
    await using(path, [memberKey("workspace_history", "Alice")], (opened) =>
      expectWholeHistory("workspace_history", opened),
    );
    expect(copies()).toEqual(before);
  });
});

const hex = (bytes: Uint8Array) => `x'${toHex(bytes)}'`;
const flipped = (column: string) => `CAST(substr(${column}, 1, length(${column}) - 1) || x'ee' AS BLOB)`;
const altered = (table: string, column: string, where = "true") =>
  `UPDATE ${table} SET ${column} = ${flipped(column)} WHERE ${where}`;
const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS magic FROM n";
const rootOne = "version = 1 AND vlob_id = (SELECT realm_id FROM info)";

/** What is done to the file with SQL, and what opening it then says. */
const refused: readonly (readonly [string, string, ...(readonly string[])])[] = [
  ["no row of info", "INVALID_REALM_EXPORT", "DELETE FROM info"],
  ["another magic", "INVALID_REALM_EXPORT", "UPDATE info SET magic = 1"],
  ["a realm id of 15 bytes", "INVALID_REALM_EXPORT", "UPDATE info SET realm_id = zeroblob(15)"],
  ["a root key that is a text", "INVALID_REALM_EXPORT", "UPDATE info SET root_verify_key = 'key'"],
  ["a snapshot beyond all numbers", "INVALID_REALM_EXPORT", "UPDATE info SET snapshot_timestamp = 9223372036854775807"],
  ["a flag that is a text", "INVALID_REALM_EXPORT", "UPDATE info SET vlobs_export_done = 'yes'"],
  ["another version", "UNSUPPORTED_REALM_EXPORT_VERSION", "UPDATE info SET version = 2, vlobs_export_done = 0"],
  ...["certificates", "vlobs", "blocks_metadata", "blocks_data"].map(
    (phase) => [`unfinished ${phase}`, "INCOMPLETE_REALM_EXPORT", `UPDATE info SET ${phase}_export_done = 0`] as const,
  ),
  ["a table less", "INVALID_REALM_EXPORT", "DROP TABLE block_data"],
  ["a column less", "INVALID_REALM_EXPORT", "ALTER TABLE block RENAME COLUMN key_index TO other"],
  ["a view that never ends", "INVALID_REALM_EXPORT", "DROP TABLE info", `CREATE VIEW info AS ${endless}`],
  ["a trigger", "INVALID_REALM_EXPORT", "CREATE TRIGGER t AFTER INSERT ON info BEGIN DELETE FROM info; END"],
  ["a computed column", "INVALID_REALM_EXPORT", "ALTER TABLE block ADD COLUMN more GENERATED ALWAYS AS (size * 2)"],
  [
    "a virtual table",
    "INVALID_REALM_EXPORT",
    "DROP TABLE block_data",
    "CREATE VIRTUAL TABLE block_data USING fts5(block, data)",
  ],
  [
    "an altered certificate of the realm",
    "INVALID_CERTIFICATE",
    altered("realm_certificate", "certificate", "_id = 3"),
  ],
  ["an altered certificate of a user", "INVALID_CERTIFICATE", altered("common_certificate", "certificate", "_id = 2")],
  [
    "a certificate less",
    "INVALID_CERTIFICATE",
    "DELETE FROM realm_certificate WHERE _id = (SELECT min(_id) FROM realm_certificate)",
  ],
  ["certificates in another order", "INVALID_CERTIFICATE", "UPDATE realm_certificate SET _id = 1000 - _id"],
  [
    "certificates of another topic",
    "INVALID_CERTIFICATE",
    "INSERT INTO realm_certificate SELECT _id + 100, certificate FROM common_certificate",
  ],
  ["a certificate that is a text", "INVALID_REALM_EXPORT", "UPDATE realm_certificate SET certificate = 'text'"],
  ["another realm", "INVALID_CERTIFICATE", "UPDATE info SET realm_id = zeroblob(16)"],
  ["no access of anybody", "REALM_ACCESS_DENIED", "DELETE FROM realm_keys_bundle_access"],
  ["no keys", "REALM_ACCESS_DENIED", "DELETE FROM realm_keys_bundle"],
  ["altered accesses", "INVALID_KEYS_BUNDLE", altered("realm_keys_bundle_access", "access")],
  ["altered keys", "INVALID_KEYS_BUNDLE", altered("realm_keys_bundle", "keys_bundle")],
  ["no root", "NO_HISTORY", "DELETE FROM vlob_atom WHERE vlob_id = (SELECT realm_id FROM info)"],
  ["an altered root", "INVALID_MANIFEST", altered("vlob_atom", "blob", rootOne)],
  ["a root of another author", "INVALID_MANIFEST", `UPDATE vlob_atom SET author = zeroblob(16) WHERE ${rootOne}`],
  ["a root of another time", "INVALID_MANIFEST", `UPDATE vlob_atom SET timestamp = timestamp + 1 WHERE ${rootOne}`],
  ["a root under another key", "INVALID_MANIFEST", `UPDATE vlob_atom SET key_index = 9 WHERE ${rootOne}`],
  ["a root of another size", "INVALID_REALM_EXPORT", `UPDATE vlob_atom SET size = size + 1 WHERE ${rootOne}`],
  [
    "a root of another version",
    "INVALID_MANIFEST",
    `UPDATE vlob_atom SET version = 9 WHERE ${rootOne}`,
    "UPDATE vlob_atom SET version = 1 WHERE version = 2",
  ],
];

describe("a file that is not what was exported", () => {
  const alice = () => [memberKey("workspace_history", "Alice")];

  test.each(refused)("%s: %s", async (_what, code, ...changes) => {
    const path = realmExportCopy(folder, "workspace_history", ...changes);
    expect(await codeOf(using(path, alice(), async () => undefined))).toBe(code);
  });

  test("an unknown version tells which", async () => {
    const path = realmExportCopy(folder, "workspace_history", "UPDATE info SET version = 2");
    await expect(parsec.openRealmExport(path, alice())).rejects.toMatchObject({ supported: 1, found: 2 });
  });

  test("no file, a folder, another file, another database", async () => {
    const at = (name: string) => join(folder, name);
    mkdirSync(at("folder"));
    for (const name of ["nothing", "folder", "nowhere/nothing"]) {
      expect(await codeOf(parsec.openRealmExport(at(name), alice()))).toBe("CANNOT_OPEN_REALM_EXPORT");
    }
    expect(readdirSync(folder)).toEqual(["folder"]);
    writeFileSync(at("empty"), "");
    writeFileSync(at("text"), "not a database, ".repeat(1000));
    runSql(at("foreign"), "CREATE TABLE info (magic INTEGER)", "INSERT INTO info VALUES (87948)");
    for (const name of ["empty", "text", "foreign"]) {
      expect(await codeOf(parsec.openRealmExport(at(name), alice()))).toBe("INVALID_REALM_EXPORT");
    }
  });

  test("one that was cut off anywhere", async () => {
    const path = realmExportCopy(folder, "workspace_history");
    const whole = readFileSync(path);
    for (const size of [1, 99, 100, 4096, whole.length - 4096, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, size));
      expect(await codeOf(parsec.openRealmExport(path, alice()))).toBe("INVALID_REALM_EXPORT");
    }
  });

  test("one of another organization, whatever it is called", async () => {
    const forged = `UPDATE info SET root_verify_key = ${hex(SigningKey.generate().verifyKey.toBytes())}`;
    expect(await codeOf(parsec.openRealmExport(realmExportCopy(folder, "sequestered", forged), alice()))).toBe(
      "INVALID_REALM_EXPORT",
    );
    expect(await codeOf(parsec.openRealmExport(join(folder, "sequestered.sqlite"), [serviceKey()]))).toBe(
      "INVALID_CERTIFICATE",
    );
  });

  test("an unusable access before a good one changes nothing", async () => {
    const path = realmExportCopy(folder, "workspace_history", altered("realm_keys_bundle_access", "access", "_id = 1"));
    await using(path, alice(), (opened) => expectWholeHistory("workspace_history", opened));
  });

  test.each([
    ["altered", "INVALID_BLOCK", altered("block_data", "data")],
    ["exchanged", "INVALID_BLOCK", "UPDATE block_data SET data = (SELECT data FROM block_data WHERE block = 2)"],
    ["of another key", "INVALID_BLOCK", "UPDATE block SET key_index = 7"],
    ["of another size", "INVALID_REALM_EXPORT", "UPDATE block SET size = 1"],
    ["without data", "INVALID_REALM_EXPORT", "DELETE FROM block_data"],
    ["gone", "CHUNK_NOT_FOUND", "DELETE FROM block"],
  ])("blocks %s: %s when they are read", async (_what, code, change) => {
    const path = realmExportCopy(folder, "workspace_history", change);
    await using(path, alice(), async (opened) => {
      await opened.setTime(DateTime.fromMicros(978_490_800_000_000));
      expect(await codeOf(textOf(opened, "/bar.txt"))).toBe(code);
    });
  });

  test("a damaged version is told, and holds no other", async () => {
    const path = realmExportCopy(folder, "workspace_history", altered("vlob_atom", "blob", "sequential_id = 5"));
    await using(path, alice(), async (opened) => {
      const versions = await all(opened.versions("/bar.txt"));
      expect(versions.map(({ kind }) => kind)).toEqual(["file", "file", "damaged", "file"]);
      expect(versions[2]).toMatchObject({ version: 2, error: expect.any(InvalidManifestError) });
    });
  });

  test("with bytes changed anywhere, it gives what was exported or one of our errors", async () => {
    const path = realmExportCopy(folder, "workspace_history");
    const whole = readFileSync(path);
    let refusals = 0;
    const used = [...whole.keys()].filter((at) => whole[at] !== 0);
    for (const at of used.filter((_, index) => index % 211 === 7)) {
      const changed = Uint8Array.from(whole);
      changed.fill(changed[at] === 0xff ? 0 : 0xff, at, at + 8);
      writeFileSync(path, changed);
      try {
        await using(path, alice(), (opened) => expectWholeHistory("workspace_history", opened));
      } catch (error) {
        if (!ParsecError.is(error)) throw error;
        expect(error.code).not.toBe("BUG");
        refusals += 1;
      }
    }
    expect(refusals).toBeGreaterThan(10);
  });

  test("what nobody can have meant is an InvalidArgumentError", async () => {
    const path = realmExportCopy(folder, "workspace_history");
    for (const keys of [[], [{}], [{ device: {} }], [{ serviceId: "x", privateKey: new Uint8Array(1) }], "keys"]) {
      const open: Promise<unknown> = Reflect.apply(parsec.openRealmExport, parsec, [path, keys]);
      expect(await codeOf(open)).toBe("INVALID_ARGUMENT");
    }
  });
});
