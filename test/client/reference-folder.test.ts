import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createParsec, password, type Session, type Workspace } from "@parsec/client";
import { HashDigest } from "@parsec/crypto";
import { DeviceId, VlobId } from "@parsec/types";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readVector } from "../support/organization-dump.ts";
import { readAll } from "../support/two-devices.ts";

// Folders that the reference client wrote: our client logs in without network, sees what `expected.json` says, and goes
// on working there.

interface ExpectedEntry {
  readonly id: string;
  readonly need_sync: boolean;
  readonly base_version: number;
  readonly confined?: boolean;
  readonly children?: Readonly<Record<string, ExpectedEntry>>;
  readonly size?: number;
  readonly content_local?: boolean;
  readonly content_sha256?: string;
}
interface Snapshot {
  readonly name: string;
  readonly device_id: string;
  readonly device_files: readonly { readonly password?: string }[];
  readonly workspaces: readonly {
    readonly realm_id: string;
    readonly tree: ExpectedEntry;
    readonly pending: { readonly backlog_entries: number; readonly backlog_bytes: number };
  }[];
}

const { snapshots } = readVector<{ readonly snapshots: readonly Snapshot[] }>("local-storage/expected.json");
const vectors = join(import.meta.dirname, "../vectors/local-storage");

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "parsec-reference-"));
});
afterEach(() => rm(dir, { recursive: true }));

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the vector lacks something");
  return value;
}

async function logIn(snapshot: Snapshot): Promise<{ session: Session; free: () => Promise<void> }> {
  const parsec = await createParsec({ dir, sync: "manual" });
  const secret = known(snapshot.device_files[0]?.password);
  const session = await parsec.login(known(DeviceId.parse(snapshot.device_id)), password(secret));
  return {
    session,
    free: async () => {
      await session.close();
      await parsec.close();
    },
  };
}

async function expectTree(workspace: Workspace, path: string, expected: ExpectedEntry): Promise<void> {
  const { id, need_sync: needSync, base_version: baseVersion, confined = false } = expected;
  const stat = await workspace.stat(path);
  expect(stat, path).toMatchObject({ id, needSync, baseVersion });
  expect(stat.confinedBy !== null, path).toBe(confined);
  if (expected.children !== undefined) {
    const names: string[] = [];
    for await (const { name } of workspace.list(path)) names.push(name);
    expect(names.sort(), path).toEqual(Object.keys(expected.children).sort());
    for (const [name, child] of Object.entries(expected.children)) {
      await expectTree(workspace, path === "/" ? `/${name}` : `${path}/${name}`, child);
    }
  } else {
    expect(stat.size, path).toBe(expected.size);
    if (expected.content_local === true) {
      expect(HashDigest.of(await readAll(workspace, path)).hex, path).toBe(expected.content_sha256);
    } else {
      await expect(readAll(workspace, path), path).rejects.toMatchObject({ code: "OFFLINE" });
    }
  }
}

/** What the reference counts as pending, and will never upload. */
function* dirtyConfined(entry: ExpectedEntry): Generator<ExpectedEntry, void, undefined> {
  if (entry.need_sync && entry.confined === true) yield entry;
  for (const child of Object.values(entry.children ?? {})) yield* dirtyConfined(child);
}

describe.each(snapshots)("$name", (snapshot) => {
  test("opens without network: every entry, size, state and local content is as expected", async () => {
    await cp(join(vectors, snapshot.name), dir, { recursive: true });
    const { session, free } = await logIn(snapshot);
    try {
      for (const { realm_id, tree, pending } of snapshot.workspaces) {
        const workspace = await session.workspaces.get(known(VlobId.parse(realm_id)));
        await expectTree(workspace, "/", tree);
        const confined = [...dirtyConfined(tree)];
        const { entries, bytes } = await workspace.pendingUploads();
        expect(entries).toBe(pending.backlog_entries - confined.length);
        // The reference counts what is encrypted: 40 bytes more for each chunk.
        const confinedBytes = confined.reduce((sum, { size = 0 }) => sum + size, 0);
        expect((pending.backlog_bytes - confinedBytes - bytes) % 40).toBe(0);
        expect(bytes).toBeLessThanOrEqual(pending.backlog_bytes);
      }
    } finally {
      await free();
    }
  });

  test("goes on: what is written there is there after the next login", async () => {
    await cp(join(vectors, snapshot.name), dir, { recursive: true });
    const first = await logIn(snapshot);
    const [main] = await first.session.workspaces.find("Main");
    await known(main).writeFile("/by us.txt", "written by another client");
    await first.free();
    const second = await logIn(snapshot);
    try {
      const [again] = await second.session.workspaces.find("Main");
      expect(new TextDecoder().decode(await readAll(known(again), "/by us.txt"))).toBe("written by another client");
    } finally {
      await second.free();
    }
  });
});
