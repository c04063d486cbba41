import { hasCode, ParsecError } from "@parsec/base";
import {
  createParsec,
  InvalidBlockError,
  InvalidManifestError,
  type ListedEntry,
  type Workspace,
} from "@parsec/client";
import { memoryDeviceStore } from "@parsec/device";
import { blockRead, type OkOf, vlobReadBatch } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { BlockId, DateTime, DeviceId, decode, encode, VlobId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LoadedOrganization, loadDump, localDevice, readDump } from "../support/organization-dump.ts";
import { type Tamper, tamperingTransport } from "../support/tampering-transport.ts";
import { names, readText, workspaceOf } from "../support/two-devices.ts";

// A server that lies about the content of a workspace: each lie is refused under its name, and nothing of it is kept.

const dump = readDump("minimal_client_ready.json");
let server: RunningServer;
let organization: LoadedOrganization;

beforeAll(async () => {
  server = await startServer({ testbed: true });
  organization = await loadDump(server.url, dump);
});
afterAll(() => server.close());

/** A fresh device before that server; the lies are told from `tampers`, which may be changed on the way. */
async function withWorkspace(
  tampers: Record<string, Tamper>,
  run: (workspace: Workspace) => Promise<void>,
): Promise<void> {
  const transport = tamperingTransport(tampers);
  const ports = { deviceStore: memoryDeviceStore(), storage: memoryDriver(), transport, sync: "manual" as const };
  const parsec = await createParsec(ports);
  const session = await parsec.login(localDevice(dump, "Alice", organization));
  try {
    await session.refresh();
    await run(await workspaceOf({ session, close: () => session.close() }));
  } finally {
    await session.close();
    await transport.close();
  }
}

type VlobsReply = OkOf<typeof vlobReadBatch>;
type BlockReply = OkOf<typeof blockRead>;
type Item = VlobsReply["items"][number];

function changeVlobs(change: (reply: VlobsReply) => VlobsReply): Tamper {
  return (bytes) => {
    const reply = decode(vlobReadBatch.reply, bytes);
    return reply.status === "ok" ? encode(vlobReadBatch.reply, change(reply)) : bytes;
  };
}

function changeItems(change: (item: Item) => Item): Tamper {
  return changeVlobs((reply) => ({ ...reply, items: reply.items.map(change) }));
}

function changeBlock(change: (reply: BlockReply) => BlockReply): Tamper {
  return (bytes) => {
    const reply = decode(blockRead.reply, bytes);
    return reply.status === "ok" ? encode(blockRead.reply, change(reply)) : bytes;
  };
}

function flipped(bytes: Uint8Array, at = bytes.length - 1): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

async function listed(workspace: Workspace, path: string): Promise<ListedEntry[]> {
  const entries: ListedEntry[] = [];
  for await (const entry of workspace.list(path)) entries.push(entry);
  return entries;
}

const nobody = DeviceId.generate();
const longAgo = DateTime.fromSeconds(1);

describe("manifests", () => {
  const lies: readonly (readonly [string, (item: Item) => Item, string])[] = [
    ["another bit", ([id, key, by, v, at, blob]) => [id, key, by, v, at, flipped(blob)], "CANNOT_DECRYPT"],
    ["a truncated blob", ([id, key, by, v, at, blob]) => [id, key, by, v, at, blob.slice(0, 50)], "CANNOT_DECRYPT"],
    ["an empty blob", ([id, key, by, v, at]) => [id, key, by, v, at, new Uint8Array()], "CANNOT_DECRYPT"],
    ["a key that does not exist", ([id, , by, v, at, blob]) => [id, 7, by, v, at, blob], "NON_EXISTENT_KEY_INDEX"],
    ["key index 0", ([id, , by, v, at, blob]) => [id, 0, by, v, at, blob], "NON_EXISTENT_KEY_INDEX"],
    ["an unknown author", ([id, key, , v, at, blob]) => [id, key, nobody, v, at, blob], "NON_EXISTENT_AUTHOR"],
    ["a date before its author", ([id, key, by, v, , blob]) => [id, key, by, v, longAgo, blob], "NON_EXISTENT_AUTHOR"],
    [
      "an old version as a new one",
      ([id, key, by, v, at, blob]) => [id, key, by, v + 1, at, blob],
      "CLEARTEXT_CORRUPTED",
    ],
    [
      "another date",
      ([id, key, by, v, at, blob]) => [id, key, by, v, DateTime.fromMicros(at + 1), blob],
      "CLEARTEXT_CORRUPTED",
    ],
  ];

  test.each(lies)("%s", async (_, lie, reason) => {
    const tampers: Record<string, Tamper> = {};
    await withWorkspace(tampers, async (workspace) => {
      expect(await names(workspace)).toEqual(["bar.txt", "foo"]);
      tampers["vlob_read_batch"] = changeItems(lie);
      const children = await listed(workspace, "/foo");
      expect(children.map(({ kind, name }) => [kind, name])).toEqual([
        ["damaged", "egg.txt"],
        ["damaged", "spam"],
      ]);
      for (const child of children) {
        expect(child).toMatchObject({ reason: "INVALID_MANIFEST", error: { code: "INVALID_MANIFEST", reason } });
      }
      const error = await workspace.stat("/foo/egg.txt").catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(InvalidManifestError);
      expect(error).toMatchObject({ code: "INVALID_MANIFEST", reason });
      // Nothing of the lie was kept: once the server is honest again, all is well.
      delete tampers["vlob_read_batch"];
      expect(await names(workspace, "/foo")).toEqual(["egg.txt", "spam"]);
    });
  });

  test("a lie about one entry holds no other one", async () => {
    const tampers: Record<string, Tamper> = {};
    await withWorkspace(tampers, async (workspace) => {
      await names(workspace);
      let target: VlobId | undefined;
      tampers["vlob_read_batch"] = changeItems((item) => {
        const [id, key, by, version, at] = item;
        target ??= id;
        return id === target ? [id, key, by, version, at, new Uint8Array()] : item;
      });
      const [one, two] = await listed(workspace, "/foo");
      const [damaged, sound] = one?.kind === "damaged" ? [one, two] : [two, one];
      expect(damaged).toMatchObject({ kind: "damaged", id: target, reason: "INVALID_MANIFEST", confinedBy: null });
      expect(sound?.kind).toMatch(/file|folder/);
      const path = `/foo/${damaged?.name}`;
      // The folder works on, and the name stays taken.
      await workspace.writeFile("/foo/new", "new");
      await expect(workspace.createFolder(path)).rejects.toMatchObject({ code: "INVALID_MANIFEST" });
      await expect(workspace.writeFile(path, "mine")).rejects.toMatchObject({ code: "INVALID_MANIFEST" });
      await expect(workspace.move("/foo/new", path)).rejects.toMatchObject({ code: "INVALID_MANIFEST" });
      // It goes when all that it may hold is to go.
      await expect(workspace.remove("/foo")).rejects.toMatchObject({ code: "FOLDER_NOT_EMPTY" });
      await expect(workspace.remove(path)).rejects.toMatchObject({ code: "INVALID_MANIFEST" });
      await expect(workspace.remove(path, { recursive: true, expect: "file" })).rejects.toMatchObject({
        code: "INVALID_MANIFEST",
      });
      await workspace.remove(path, { recursive: true });
      expect(await names(workspace, "/foo")).toEqual([sound?.name, "new"].sort());
    });
  });

  test("the content of another entry", async () => {
    const tampers: Record<string, Tamper> = {};
    await withWorkspace(tampers, async (workspace) => {
      let other: Item | undefined;
      tampers["vlob_read_batch"] = changeItems((item) => {
        other ??= item;
        return item;
      });
      await names(workspace);
      tampers["vlob_read_batch"] = changeItems(([id]) => {
        const [, key, by, version, at, blob] = other ?? [id, 1, nobody, 1, longAgo, new Uint8Array()];
        return [id, key, by, version, at, blob];
      });
      const [child] = await listed(workspace, "/foo");
      expect(child).toMatchObject({ kind: "damaged", error: { reason: "CANNOT_DECRYPT" } });
    });
  });

  test("entries that nobody asked for, or twice", async () => {
    const tampers: Record<string, Tamper> = {};
    await withWorkspace(tampers, async (workspace) => {
      tampers["vlob_read_batch"] = changeItems(([, ...rest]) => [VlobId.generate(), ...rest]);
      await expect(names(workspace, "/foo")).rejects.toMatchObject({ code: "UNEXPECTED_REPLY" });
      tampers["vlob_read_batch"] = changeVlobs((reply) => ({ ...reply, items: [...reply.items, ...reply.items] }));
      await expect(names(workspace, "/foo")).rejects.toMatchObject({ code: "UNEXPECTED_REPLY" });
    });
  });
});

describe("blocks", () => {
  const lies: readonly (readonly [string, (reply: BlockReply) => BlockReply, string])[] = [
    ["another bit", (reply) => ({ ...reply, block: flipped(reply.block) }), "CANNOT_DECRYPT"],
    ["a truncated block", (reply) => ({ ...reply, block: reply.block.slice(0, 20) }), "CANNOT_DECRYPT"],
    ["an empty block", (reply) => ({ ...reply, block: new Uint8Array() }), "CANNOT_DECRYPT"],
    ["a key that does not exist", (reply) => ({ ...reply, keyIndex: 9 }), "NON_EXISTENT_KEY_INDEX"],
  ];

  test.each(lies)("%s", async (_, lie, reason) => {
    const tampers: Record<string, Tamper> = {};
    await withWorkspace(tampers, async (workspace) => {
      tampers["block_read"] = changeBlock(lie);
      const error = await readText(workspace, "/bar.txt").catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(InvalidBlockError);
      expect(error).toMatchObject({ code: "INVALID_BLOCK", reason });
      delete tampers["block_read"];
      expect(await readText(workspace, "/bar.txt")).toBe("hello world");
    });
  });
});

describe("replies", () => {
  const commands = ["vlob_read_batch", "block_read"] as const;

  test.each(commands)("garbage in place of the reply to %s", async (command) => {
    for (const garbage of [
      new Uint8Array(),
      Uint8Array.of(0xc1),
      new TextEncoder().encode("<html>"),
      encode(BlockId, BlockId.generate()),
    ]) {
      const tampers: Record<string, Tamper> = {};
      await withWorkspace(tampers, async (workspace) => {
        await names(workspace);
        tampers[command] = () => garbage;
        const use = async () => [await names(workspace, "/foo"), await readText(workspace, "/bar.txt")];
        await expect(use()).rejects.toSatisfy((error) => hasCode(error, "BAD_REPLY"));
      });
    }
  });

  test("a server that is gone: what is on the device stays readable, the rest is offline", async () => {
    const tampers: Record<string, Tamper> = {};
    await withWorkspace(tampers, async (workspace) => {
      expect(await readText(workspace, "/bar.txt")).toBe("hello world");
      for (const command of ["vlob_read_batch", "block_read", "vlob_create", "vlob_update", "vlob_poll_changes"]) {
        tampers[command] = "lose_request";
      }
      expect(await readText(workspace, "/bar.txt")).toBe("hello world");
      await workspace.writeFile("/offline.txt", "written offline");
      await expect(workspace.sync()).rejects.toSatisfy((error) => ParsecError.is(error) && error.code === "OFFLINE");
      expect(await readText(workspace, "/offline.txt")).toBe("written offline");
      for (const command of Object.keys(tampers)) delete tampers[command];
      await workspace.sync();
      expect(await workspace.stat("/offline.txt")).toMatchObject({ needSync: false, baseVersion: 1 });
    });
  });

  test.each(["vlob_create", "vlob_update", "block_create"])(
    "the reply to %s is lost: the next sync goes on",
    async (command) => {
      const tampers: Record<string, Tamper> = {};
      await withWorkspace(tampers, async (workspace) => {
        await workspace.writeFile(`/lost-${command}`, "content");
        tampers[command] = "lose_reply";
        await expect(workspace.sync()).rejects.toMatchObject({ code: "OFFLINE" });
        delete tampers[command];
        await workspace.sync();
        expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
        expect(await names(workspace)).toContain(`lost-${command}`);
        expect(await names(workspace)).not.toContain(`lost-${command} (Parsec sync conflict 2)`);
      });
    },
  );
});
