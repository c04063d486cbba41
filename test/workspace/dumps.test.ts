import { createParsec, type Workspace, type WorkspaceHistory } from "@parsec/client";
import { HashDigest } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { DateTime, VlobId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadDump, localDevice, readDump } from "../support/organization-dump.ts";
import { readAll } from "../support/two-devices.ts";

// The workspaces of the organizations that the real implementation made: every member finds the tree and the content
// that `expected` says, and nothing else.

interface ExpectedEntry {
  readonly path: string;
  readonly id: string;
  readonly version: number;
  readonly author: string;
  readonly created: number;
  readonly updated: number;
  readonly type: "file" | "folder";
  readonly size?: number;
  readonly sha256?: string;
}
interface ExpectedTree {
  readonly realm_id: string;
  readonly history?: readonly { readonly at: number; readonly tree: readonly ExpectedEntry[] | null }[] | null;
  readonly tree?: readonly ExpectedEntry[] | null;
}

const dumps = [
  "coolorg",
  "coolorg_customized",
  "coolorg_promoted",
  "minimal_client_ready",
  "sequestered",
  "workspace_archived",
  "workspace_history",
];

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

async function foundEntries(workspace: Workspace, path = "/"): Promise<ExpectedEntry[]> {
  const { kind, id, baseVersion, lastUpdater, created, updated } = await workspace.stat(path);
  const common = { path, id, version: baseVersion, author: lastUpdater, created, updated, type: kind };
  if (kind === "file") {
    const content = await readAll(workspace, path);
    return [{ ...common, size: content.length, sha256: HashDigest.of(content).hex }];
  }
  const children: string[] = [];
  for await (const { name } of workspace.list(path)) children.push(path === "/" ? `/${name}` : `${path}/${name}`);
  const below = await Promise.all(children.map((child) => foundEntries(workspace, child)));
  return [common, ...below.flat()];
}

/** What a reader sees of an expected entry: not the date of the upload, nor the text that stands for the content. */
function visible({ path, id, version, author, created, updated, type, size, sha256 }: ExpectedEntry): ExpectedEntry {
  const common = { path, id, version, author, created, updated, type };
  return type === "file"
    ? { ...common, size: size ?? 0, sha256: sha256 ?? HashDigest.of(new Uint8Array()).hex }
    : common;
}

function isDue(archiving: { readonly type: string; readonly deletion_date?: number } | undefined): boolean {
  return archiving?.type === "DELETION_PLANNED" && (archiving.deletion_date ?? 0) <= Date.now() * 1000;
}

const byPath = (a: ExpectedEntry, b: ExpectedEntry) => (a.path < b.path ? -1 : 1);

describe.each(dumps)("%s", (name) => {
  const dump = readDump(`${name}.json`);
  const trees: readonly ExpectedTree[] = dump.expected.realms;
  const cases = dump.expected.realms
    .filter(({ kind }) => kind === "workspace")
    .flatMap(({ realm_id, members }) => Object.keys(members).map((userId) => ({ realm_id, userId })))
    .flatMap(({ realm_id, userId }) => {
      const label = dump.keys.users.find(({ user_id }) => user_id === userId)?.human_handle.label;
      const isRevoked = dump.expected.users.some(
        ({ user_id, revoked_on }) => user_id === userId && revoked_on !== null,
      );
      const isFrozen = dump.operations.some(({ op, user_id }) => op === "user_freeze" && user_id === userId);
      const tree = trees.find((realm) => realm.realm_id === realm_id)?.tree;
      return label === undefined || isRevoked || isFrozen || !tree ? [] : [{ realm_id, label, tree }];
    });

  const archivingOf = (realmId: string) =>
    dump.expected.realms.find(({ realm_id }) => realm_id === realmId)?.archiving_configuration;

  test.each(cases)("$label finds the content of realm $realm_id", async ({ realm_id, label, tree }) => {
    const organization = await loadDump(server.url, dump);
    const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
    const session = await parsec.login(localDevice(dump, label, organization));
    try {
      await session.refresh();
      const id = VlobId.parse(realm_id);
      if (id === undefined) throw new Error("not an id");
      if (isDue(archivingOf(realm_id))) {
        // Its deletion date has passed: the workspace has left the list, whether the server has deleted it or not.
        await expect(session.workspaces.get(id)).rejects.toMatchObject({ code: "WORKSPACE_NOT_FOUND" });
        return;
      }
      const found = await foundEntries(await session.workspaces.get(id));
      expect(found.sort(byPath)).toEqual(tree.map(visible).sort(byPath));
    } finally {
      await session.close();
      await parsec.close();
    }
  });
});

/** What the history of a workspace shows, in the form of {@link foundEntries}. */
async function pastEntries(history: WorkspaceHistory, path = "/"): Promise<ExpectedEntry[]> {
  const { kind, id, version, lastUpdater, created, updated } = await history.stat(path);
  const common = { path, id, version, author: lastUpdater, created, updated, type: kind };
  if (kind === "file") {
    await using file = await history.open(path);
    const content = await file.read(0, 1e6);
    return [{ ...common, size: content.length, sha256: HashDigest.of(content).hex }];
  }
  const entries: ExpectedEntry[] = [common];
  for await (const { name } of history.list(path)) {
    entries.push(...(await pastEntries(history, path === "/" ? `/${name}` : `${path}/${name}`)));
  }
  return entries;
}

describe("the history of a dump", () => {
  const dump = readDump("workspace_history.json");
  const realms: readonly ExpectedTree[] = dump.expected.realms;

  test.each(["Alice", "Bob"])("is what it says, for %s", async (label) => {
    const organization = await loadDump(server.url, dump);
    const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
    const session = await parsec.login(localDevice(dump, label, organization));
    try {
      await session.refresh();
      const [realm] = realms;
      const id = VlobId.parse(realm?.realm_id ?? "");
      if (id === undefined) throw new Error("not an id");
      const history = await (await session.workspaces.get(id)).history();
      const states = realm?.history ?? [];
      expect(states.length).toBeGreaterThan(5);
      expect(history.bounds.lower).toBe(states[0]?.at);
      for (const { at, tree } of states) {
        await history.setTime(DateTime.fromMicros(at));
        expect((await pastEntries(history)).sort(byPath)).toEqual((tree ?? []).map(visible).sort(byPath));
      }
    } finally {
      await session.close();
      await parsec.close();
    }
  });
});
