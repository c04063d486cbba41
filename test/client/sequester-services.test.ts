import { SequesterServiceError, SyncIncompleteError } from "@parsec/client";
import { realmRotateKey, vlobCreate, vlobUpdate } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { encode, SequesterServiceId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Tamper, tamperingTransport } from "../support/tampering-transport.ts";
import { actors, names, workspaceOf } from "../support/two-devices.ts";

// What a service of the sequester authority answers reaches the user with the name of the service and its words.

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

const serviceId = SequesterServiceId.generate();

const answers = [
  {
    reply: { status: "rejected_by_sequester_service" as const, serviceId, reason: "a virus" },
    error: { code: "REJECTED_BY_SEQUESTER_SERVICE", serviceId, reason: "a virus" },
  },
  {
    reply: { status: "rejected_by_sequester_service" as const, serviceId, reason: null },
    error: { code: "REJECTED_BY_SEQUESTER_SERVICE", serviceId, reason: undefined },
  },
  {
    reply: { status: "sequester_service_unavailable" as const, serviceId },
    error: { code: "SEQUESTER_SERVICE_UNAVAILABLE", serviceId, reason: undefined },
  },
];

async function aliceWith(tampers: Record<string, Tamper>) {
  const transport = tamperingTransport(tampers);
  const [alice] = await actors(server, [["Alicey", 0]], { transport });
  if (alice === undefined) throw new Error("an actor");
  onTestFinished(async () => {
    await alice.close();
    await transport.close();
  });
  return { session: alice.session, workspace: await workspaceOf(alice) };
}

describe.each(answers)("$reply.status, $reply.reason", ({ reply, error }) => {
  test("to a new key", async () => {
    const tampers: Record<string, Tamper> = {};
    const { workspace } = await aliceWith(tampers);
    tampers["realm_rotate_key"] = () => encode(realmRotateKey.reply, reply);
    const rotating = workspace.rotateKey();
    await expect(rotating).rejects.toBeInstanceOf(SequesterServiceError);
    await expect(rotating).rejects.toMatchObject(error);
  });

  test("to the first and to a later version of a file: it waits on this device, and is readable", async () => {
    const tampers: Record<string, Tamper> = {};
    const { workspace } = await aliceWith(tampers);
    await workspace.writeFile("/old.txt", "1");
    await workspace.sync();
    tampers["vlob_create"] = () => encode(vlobCreate.reply, reply);
    tampers["vlob_update"] = () => encode(vlobUpdate.reply, reply);
    await workspace.writeFile("/new.txt", "1");
    await workspace.writeFile("/old.txt", "2");
    const failures = failuresOf(await workspace.sync().catch((caught: unknown) => caught));
    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures) expect(failure).toMatchObject(error);
    expect(await names(workspace)).toEqual(expect.arrayContaining(["new.txt", "old.txt"]));
    expect((await workspace.pendingUploads()).entries).toBeGreaterThan(0);

    delete tampers["vlob_create"];
    delete tampers["vlob_update"];
    await workspace.sync();
    expect((await workspace.pendingUploads()).entries).toBe(0);
  });
});

/** What was in the way of each entry, or of the whole workspace at once. */
function failuresOf(caught: unknown): readonly unknown[] {
  return caught instanceof SyncIncompleteError ? caught.left.map(({ error }) => error) : [caught];
}
