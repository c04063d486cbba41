import { ready } from "@parsec/crypto";
import { cryptpadRegisterSession, type OkOf } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { DateTime, DeviceId, decode, encode, VlobId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf } from "../support/assertions.ts";
import { LooseDevices } from "../support/loose-devices.ts";
import { countedDevice, someDevices } from "../support/some-devices.ts";
import { type Tamper, tamperingTransport } from "../support/tampering-transport.ts";
import { actors, names, readText, workspaceOf } from "../support/two-devices.ts";

// Documents that several edit together, in CryptPad.

let server: RunningServer;
let plain: RunningServer;

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true, config: { cryptpadServerUrl: "https://cryptpad.example" } });
  plain = await startServer({ testbed: true });
});
afterAll(async () => {
  await server.close();
  await plain.close();
});

const first = { viewKey: "/2/pad/view/first", editKey: "/2/pad/edit/first" };
const second = { viewKey: "/2/pad/view/second", editKey: "/2/pad/edit/second" };

describe("an editing session", () => {
  test("of the first one is joined by all others, also after the key was changed", async () => {
    const [one, two] = await someDevices(server, 2);
    const document = VlobId.generate();
    expect(await one.workspace.joinEditingSession(document, first)).toEqual(first);
    await one.workspace.rotateKey();
    expect(await two.workspace.joinEditingSession(document, second)).toEqual(first);
    expect(await two.workspace.joinEditingSession(VlobId.generate(), second)).toEqual(second);
  });

  test("a READER may look, and one who may write makes it one to edit", async () => {
    const people = [
      ["Alice", 0],
      ["Bob", 0],
    ] as const;
    const [alice, bob] = await actors(server, people);
    if (alice === undefined || bob === undefined) throw new Error("nobody");
    try {
      const shared = await workspaceOf(alice);
      await shared.share(bob.session.userId, "READER");
      await bob.session.refresh();
      const read = await workspaceOf(bob);
      const document = VlobId.generate();
      expect(await read.joinEditingSession(document, first)).toEqual({ viewKey: first.viewKey, editKey: undefined });
      expect(await shared.joinEditingSession(document, second)).toEqual(second);
      expect(await read.joinEditingSession(document, first)).toEqual({ viewKey: second.viewKey, editKey: undefined });
    } finally {
      await alice.close();
      await bob.close();
    }
  });

  test("needs a server that has CryptPad", async () => {
    const [{ workspace }] = await someDevices(plain, 1);
    expect(await codeOf(workspace.joinEditingSession(VlobId.generate(), first))).toBe("CRYPTPAD_UNAVAILABLE");
    const wrong: readonly unknown[][] = [
      ["x", first],
      [VlobId.generate(), { viewKey: 5, editKey: "x" }],
    ];
    for (const values of wrong) {
      expect(await codeOf(Reflect.apply(workspace.joinEditingSession, workspace, values))).toBe("INVALID_ARGUMENT");
    }
  });

  type Reply = OkOf<typeof cryptpadRegisterSession>;
  const flipped = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte));
  const lies: readonly (readonly [string, (reply: Reply) => Reply, string])[] = [
    ["another bit", (reply) => ({ ...reply, encryptedViewKey: flipped(reply.encryptedViewKey) }), "CANNOT_DECRYPT"],
    ["an unknown author", (reply) => ({ ...reply, author: DeviceId.generate() }), "NON_EXISTENT_AUTHOR"],
    ["an unknown key", (reply) => ({ ...reply, keyIndex: 9 }), "NON_EXISTENT_KEY_INDEX"],
    [
      "another date",
      (reply) => ({ ...reply, timestamp: DateTime.fromMicros(reply.timestamp + 1) }),
      "CLEARTEXT_CORRUPTED",
    ],
    ["a date before its author", (reply) => ({ ...reply, timestamp: DateTime.fromMicros(1) }), "NON_EXISTENT_AUTHOR"],
    [
      "the key to view as that to edit",
      (reply) => ({ ...reply, encryptedEditKey: reply.encryptedViewKey }),
      "CLEARTEXT_CORRUPTED",
    ],
  ];
  test.each(lies)("of a server that gives %s is refused", async (_, lie, reason) => {
    const tampers: Record<string, Tamper> = {
      cryptpad_register_session: (bytes) => {
        const reply = decode(cryptpadRegisterSession.reply, bytes);
        return reply.status === "ok" ? encode(cryptpadRegisterSession.reply, lie(reply)) : bytes;
      },
    };
    const devices = await LooseDevices.load(server);
    const { workspace } = await countedDevice(devices, 0, { transport: tamperingTransport(tampers) });
    const document = VlobId.generate();
    await expect(workspace.joinEditingSession(document, first)).rejects.toMatchObject({
      code: "INVALID_EDITING_SESSION",
      reason,
      documentId: document,
    });
  });
});

describe("what was edited", () => {
  const origin = (channelId: string, seconds: number) => ({ channelId, timestamp: DateTime.fromSeconds(seconds) });

  test("is on the server at once, and two of one session are no conflict: the later one counts", async () => {
    const [one, two] = await someDevices(server, 2);
    const { id } = await one.workspace.writeFile("/doc", "before");
    await one.workspace.sync();
    await two.workspace.sync();
    await one.workspace.saveEdited(id, "by one", origin("channel", 10));
    expect(await one.workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
    await two.workspace.saveEdited(id, "by two", origin("channel", 11));
    await one.workspace.sync();
    for (const { workspace } of [one, two]) {
      expect(await names(workspace)).toEqual(["doc"]);
      expect(await readText(workspace, "/doc")).toBe("by two");
    }
    // The older content of the same session does not replace the newer one.
    await one.workspace.saveEdited(id, "newer", origin("channel", 20));
    await two.workspace.saveEdited(id, "older", origin("channel", 15));
    await one.workspace.sync();
    for (const { workspace } of [one, two]) {
      expect(await names(workspace)).toEqual(["doc"]);
      expect(await readText(workspace, "/doc")).toBe("newer");
    }
  });

  test("is of a file that leads somewhere", async () => {
    const [{ workspace }] = await someDevices(server, 1);
    await workspace.createFolder("/d");
    const { id } = await workspace.writeFile("/f", "x");
    await workspace.sync();
    expect(await codeOf(workspace.saveEdited((await workspace.stat("/d")).id, "x", origin("c", 1)))).toBe(
      "ENTRY_IS_FOLDER",
    );
    await workspace.remove("/f");
    expect(await codeOf(workspace.saveEdited(id, "x", origin("c", 1)))).toBe("ENTRY_NOT_FOUND");
    expect(await codeOf(workspace.saveEdited(VlobId.generate(), "x", origin("c", 1)))).toBe("ENTRY_NOT_FOUND");
  });

  test("goes up though another file cannot", async () => {
    const [{ workspace }] = await someDevices(server, 1);
    const { id } = await workspace.writeFile("/doc", "before");
    const handle = await workspace.open("/open", { create: true, write: true });
    await handle.write(0, new Uint8Array(5));
    await handle.flush();
    await workspace.saveEdited(id, "after", origin("c", 1));
    await handle.close();
    const edited = await workspace.open("/doc", { write: true });
    await expect(workspace.saveEdited(id, "while it is open", origin("c", 2))).rejects.toMatchObject({
      code: "ENTRY_BUSY",
      entryId: id,
    });
    await edited.close();
  });
});
