import { ParsecError } from "@parsec/base";
import type { Finding, Workspace } from "@parsec/client";
import { OfflineError } from "@parsec/connection";
import { type HostileKind, type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { codeOf } from "../support/assertions.ts";
import { LooseDevices } from "../support/loose-devices.ts";
import { meddledDriver } from "../support/meddled-driver.ts";
import { countedDevice, someDevices } from "../support/some-devices.ts";
import { pattern } from "../support/two-devices.ts";

// Looking for what is wrong with a workspace: nothing, unless something is.

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterEach(() => server.hostile?.clear());
afterAll(() => server.close());

const blocksize = 512 * 1024;

async function findings(workspace: Workspace): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const one of workspace.verify()) found.push(one);
  return found;
}

const kinds = (found: readonly Finding[]) => [...new Set(found.map(({ kind }) => kind))].sort();

/** Two versions of a file of two blocks, and another one in a folder. */
async function fill(workspace: Workspace): Promise<void> {
  await workspace.createFolder("/d");
  await workspace.writeFile("/d/f", "first");
  await workspace.sync();
  await workspace.writeFile("/d/f", pattern(blocksize + 5, 1));
  await workspace.writeFile("/g", pattern(100, 2));
  await workspace.sync();
}

describe("a sound workspace", () => {
  test("has no finding: full, with local changes, on a device that has nothing of it, never uploaded", async () => {
    const [one, two] = await someDevices(server, 2);
    await fill(one.workspace);
    expect(await findings(one.workspace)).toEqual([]);
    await one.workspace.writeFile("/d/f", pattern(2 * blocksize, 3));
    await one.workspace.writeFile("/fresh", pattern(10, 4));
    await one.workspace.copy("/g", "/copy");
    await one.workspace.createFolder("/new");
    expect(await findings(one.workspace)).toEqual([]);
    expect(await findings(two.workspace)).toEqual([]);
    expect(await findings(await one.session.workspaces.create("Fresh"))).toEqual([]);
  });

  test("is looked at as a whole, and the progress ends at its total", async () => {
    const [{ workspace, transport }] = await someDevices(server, 1);
    await fill(workspace);
    transport.forget();
    const steps: { done: number; total?: number | undefined }[] = [];
    for await (const one of workspace.verify({ onProgress: (step) => steps.push(step) })) expect(one).toBeUndefined();
    expect(transport.sent.get("block_read")).toBe(3);
    const total = blocksize + 5 + 100;
    expect(steps.at(-1)).toEqual({ done: total, total });
    const stop = new AbortController();
    const looking = workspace.verify({ signal: stop.signal, onProgress: () => stop.abort(new Error("enough")) }).next();
    await expect(looking).rejects.toThrow("enough");
  });
});

describe("a server that lies", () => {
  type Lie = Exclude<HostileKind, "serve_operations" | "other_organization" | "delay" | "http_status">;
  const lies: readonly (readonly [Lie, readonly string[]])[] = [
    ["swap_blocks", ["invalid_block"]],
    ["tamper_blocks", ["invalid_block"]],
    ["replay_vlobs", ["entry_went_back"]],
    ["tamper_vlobs", ["invalid_manifest"]],
    ["forge_vlob_timestamps", ["invalid_manifest"]],
    ["forge_vlob_authors", ["invalid_manifest"]],
    ["drop_certificates", ["certificates_went_back"]],
    ["tamper_certificates", ["invalid_certificates"]],
  ];

  test.each(lies)("%s: %j", async (kind, expected) => {
    const [{ workspace, session }] = await someDevices(server, 1);
    await fill(workspace);
    const organization_id = session.organizationId;
    // One on which no other depends.
    const match = kind === "drop_certificates" ? { certificate: "realm_name_certificate" } : {};
    server.hostile?.add({ kind, organization_id, match });
    const found = await findings(workspace);
    expect(kinds(found)).toEqual(expect.arrayContaining([...expected]));
    for (const { kind: what, error } of found) {
      if (what.startsWith("invalid")) expect(ParsecError.is(error)).toBe(true);
    }
  });

  test("each thing that is wrong is told with its place, and hides nothing else", async () => {
    const [{ workspace, session }] = await someDevices(server, 1);
    await fill(workspace);
    const { id } = await workspace.stat("/d/f");
    const organization_id = session.organizationId;
    server.hostile?.add({ kind: "tamper_vlobs", organization_id, match: { vlob_id: id } });
    server.hostile?.add({ kind: "tamper_blocks", organization_id });
    expect(await findings(workspace)).toEqual([
      expect.objectContaining({ kind: "invalid_manifest", entryId: id, path: "/d/f" }),
      expect.objectContaining({ kind: "invalid_block", path: "/g" }),
    ]);
  });

  test("one that is away can say nothing", async () => {
    const [{ workspace, transport }] = await someDevices(server, 1);
    transport.hooks = {
      before: () => {
        throw new OfflineError("no network");
      },
    };
    expect(await codeOf(findings(workspace))).toBe("OFFLINE");
  });
});

test("what this device alone had and cannot read is told", async () => {
  const devices = await LooseDevices.load(server);
  const storage = meddledDriver(memoryDriver());
  const { workspace } = await countedDevice(devices, 0, { storage });
  const { id } = await workspace.writeFile("/f", pattern(100, 1));
  expect(await findings(workspace)).toEqual([]);
  storage.meddling = {
    chunk: async (inner, chunk) => (await inner.chunk(chunk))?.map((byte) => byte ^ 1),
  };
  expect(await findings(workspace)).toEqual([
    expect.objectContaining({ kind: "local_content_lost", entryId: id, path: "/f" }),
  ]);
  storage.meddling = {
    vlobs: async (inner, ...page) => {
      const { items, next } = await inner.vlobs(...page);
      return { items: items.map((row) => ("blob" in row ? { ...row, blob: row.blob.map((b) => b ^ 1) } : row)), next };
    },
  };
  expect(kinds(await findings(workspace))).toContain("local_damage");
});
