import { type ClientEvent, createParsec, type Session } from "@parsec/client";
import { createTransport, type Transport } from "@parsec/connection";
import { ready } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { certificateGet, type RequestOf } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, type StorageDriver } from "@parsec/storage";
import { decode, VlobId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type LoadedOrganization, loadDump, localDevice, readDump } from "../support/organization-dump.ts";
import { tamperingTransport } from "../support/tampering-transport.ts";

// What a device asks for that knows nothing, and what it asks for afterwards.

let server: RunningServer;

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

interface Opening {
  readonly dump?: string;
  readonly organization?: LoadedOrganization;
  readonly label?: string;
  readonly transport?: Transport;
  readonly storage?: StorageDriver;
}

async function login({ dump: name = "coolorg", organization, label = "Alice", ...ports }: Opening): Promise<Session> {
  const dump = readDump(`${name}.json`);
  const loaded = organization ?? (await loadDump(server.url, dump));
  const parsec = await createParsec({
    deviceStore: memoryDeviceStore(),
    storage: memoryDriver(),
    sync: "manual",
    ...ports,
  });
  const session = await parsec.login(localDevice(dump, label, loaded));
  onTestFinished(async () => {
    await session.close();
    await parsec.close();
  });
  return session;
}

/** How many certificates the dump says that a user sees. */
function seenBy(dump: string, { userId }: Session): number {
  const seen = readDump(`${dump}.json`).expected.certificates_seen_by[userId];
  if (seen === undefined) throw new Error("nobody");
  const realms = Object.values(seen.realms).reduce((sum, count) => sum + count, 0);
  return seen.common + seen.sequester + seen.shamir_recovery + realms;
}

type Question = RequestOf<typeof certificateGet>;

/** The real transport, and what was asked of `certificate_get`. */
function overheard(): { readonly transport: Transport; readonly questions: Question[] } {
  const inner = createTransport();
  onTestFinished(() => inner.close());
  const questions: Question[] = [];
  return {
    questions,
    transport: {
      request: (request, cancellation) => {
        if (request.body !== undefined && new TextDecoder("latin1").decode(request.body).includes("certificate_get")) {
          questions.push(decode(certificateGet.request, request.body));
        }
        return inner.request(request, cancellation);
      },
      close: () => inner.close(),
    },
  };
}

describe("the first poll", () => {
  test.each(["minimal", "coolorg", "sequestered", "shamir"])(
    "of %s brings what alice may see, and the next one asks for what is later",
    async (dump) => {
      const { transport, questions } = overheard();
      const alice = await login({ dump, transport });
      const events: ClientEvent[] = [];
      alice.events.on("new_certificates", (event) => events.push(event));
      await alice.refresh();
      expect(events).toEqual([{ type: "new_certificates", count: seenBy(dump, alice) }]);
      expect(questions).toMatchObject([
        { commonAfter: null, sequesterAfter: null, shamirRecoveryAfter: null, realmAfter: new Map() },
      ]);
      await alice.refresh();
      expect(events).toHaveLength(1);
      const [, second] = questions;
      expect(second?.commonAfter).toEqual(expect.any(Number));
      expect(second?.sequesterAfter === null).toBe(dump !== "sequestered");
      expect(second?.shamirRecoveryAfter === null).toBe(dump !== "shamir");
      // Each realm of hers, with the date of its last certificate.
      const realms = new Set([...(second?.realmAfter.keys() ?? [])]);
      for (const { id } of alice.workspaces.list()) expect(realms).toContain(id);
      expect([...(second?.realmAfter.values() ?? [])].every((date) => date > 0)).toBe(true);
    },
  );

  test("starts again from nothing when all was forgotten, also when there was nothing", async () => {
    const { transport, questions } = overheard();
    const alice = await login({ transport });
    await alice.refetchCertificates();
    expect(alice.users.list()).toHaveLength(3);
    await alice.refetchCertificates();
    expect(questions.map(({ commonAfter }) => commonAfter)).toEqual([null, null]);
    expect(alice.users.list()).toHaveLength(3);
  });

  test.each(["Alicey", "Boby", "Malloryy"])("tells %s since when there is an organization", async (label) => {
    const { transport, questions } = overheard();
    const session = await login({ label, transport });
    expect(await session.organization.bootstrappedOn()).toBe(946_771_200_000_000);
    expect(await session.organization.bootstrappedOn()).toBe(946_771_200_000_000);
    expect(questions).toHaveLength(1);
  });
});

describe("what needs no server asks none", () => {
  test("an unknown workspace, oneself, and nobody", async () => {
    const tampers: Record<string, "lose_request"> = {};
    const transport = tamperingTransport(tampers);
    onTestFinished(() => transport.close());
    const alice = await login({ transport });
    await alice.refresh();
    const [workspace] = await alice.workspaces.find("wksp1");
    for (const command of ["certificate_get", "realm_share", "realm_rename", "user_update", "user_revoke"]) {
      tampers[command] = "lose_request";
    }
    const unknown = VlobId.generate();
    await expect(alice.workspaces.get(unknown)).rejects.toMatchObject({ code: "WORKSPACE_NOT_FOUND" });
    expect(() => alice.workspaces.info(unknown)).toThrow(expect.objectContaining({ code: "WORKSPACE_NOT_FOUND" }));
    await expect(workspace?.share(alice.userId, "READER")).rejects.toMatchObject({ code: "RECIPIENT_IS_SELF" });
    for (const profile of ["ADMIN", "STANDARD", "OUTSIDER"] as const) {
      await expect(alice.users.updateProfile(alice.userId, profile)).rejects.toMatchObject({ code: "USER_IS_SELF" });
    }
    await expect(alice.users.revoke(alice.userId)).rejects.toMatchObject({ code: "USER_IS_SELF" });
  });

  test("a workspace that is made offline is there after a new start, and names may repeat", async () => {
    const [organization, storage] = [await loadDump(server.url, readDump("coolorg.json")), memoryDriver()];
    const first = await login({ organization, storage });
    const made = [await first.workspaces.create("Docs"), await first.workspaces.create("Docs")];
    expect(made.every(({ info }) => !info.isBootstrapped)).toBe(true);
    await first.close();
    const again = await login({ organization, storage });
    const found = await again.workspaces.find("Docs");
    expect(found.map(({ id }) => id).sort()).toEqual(made.map(({ id }) => id).sort());
    expect(found.every(({ info }) => !info.isBootstrapped && info.role === "OWNER")).toBe(true);
  });
});
