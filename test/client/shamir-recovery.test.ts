import { createParsec, type ParsecOptions, type Session } from "@parsec/client";
import { ready } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { shamirRecoverySetup } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { DateTime, encode, UserId } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type LoadedOrganization, loadDump, localDevice, readDump } from "../support/organization-dump.ts";
import { type Tamper, tamperingTransport } from "../support/tampering-transport.ts";

// Recovery by other people, on a real server: alice has a setup (threshold 2: bob 2, mallory 1, mike 1), bob has deleted
// his, mallory has one (threshold 1: mike 1).

const dump = readDump("shamir.json");
let server: RunningServer;
let organization: LoadedOrganization;

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true });
});
beforeEach(async () => {
  organization = await loadDump(server.url, dump);
});
afterAll(() => server.close());

async function login(label: string, options: ParsecOptions = {}): Promise<Session> {
  const ports = { deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" as const };
  const parsec = await createParsec({ ...ports, ...options });
  const session = await parsec.login(localDevice(dump, label, organization));
  onTestFinished(async () => {
    await session.close();
    await parsec.close();
  });
  await session.refresh();
  return session;
}

function tampered(): { readonly tampers: Record<string, Tamper>; readonly options: ParsecOptions } {
  const tampers: Record<string, Tamper> = {};
  const transport = tamperingTransport(tampers);
  onTestFinished(() => transport.close());
  return { tampers, options: { transport } };
}

const idOf = (label: string) => localDevice(dump, label, organization).userId;

describe("a setup", () => {
  test("of as many shares as there can be is made, of more it is not", async () => {
    const bob = await login("Boby");
    const [mallory, mike] = [idOf("Malloryy"), idOf("Mike")];
    const setUp = (shares: readonly (readonly [UserId, number])[], threshold: number) =>
      bob.shamirRecovery.setUp({ sharesByRecipient: new Map(shares), threshold });
    await expect(
      setUp(
        [
          [mallory, 129],
          [mike, 128],
        ],
        255,
      ),
    ).rejects.toMatchObject({ code: "TOO_MANY_SHARES" });
    await expect(setUp([[mike, 1]], 2)).rejects.toMatchObject({ code: "THRESHOLD_TOO_HIGH" });
    await expect(
      setUp(
        [
          [mike, 1],
          [bob.userId, 1],
        ],
        1,
      ),
    ).rejects.toMatchObject({ code: "RECIPIENT_IS_SELF", message: expect.stringContaining("recover themselves") });
    await expect(setUp([[UserId.generate(), 1]], 1)).rejects.toMatchObject({ code: "RECIPIENT_NOT_FOUND" });
    expect(bob.shamirRecovery.status.status).toBe("deleted");
    await setUp(
      [
        [mallory, 128],
        [mike, 127],
      ],
      255,
    );
    expect(bob.shamirRecovery.status).toMatchObject({ status: "usable", threshold: 255 });
    const others = await login("Mike");
    expect(others.shamirRecovery.forOthers().map(({ userId }) => userId)).toContain(bob.userId);
  });

  test("with somebody revoked, or beside another one, is refused: known here, or to the server alone", async () => {
    const [bob, alice] = [await login("Boby"), await login("Alicey")];
    await alice.users.revoke(idOf("Mike"));
    const request = { sharesByRecipient: new Map([[idOf("Mike"), 1]]), threshold: 1 };
    // The server alone knows.
    await expect(bob.shamirRecovery.setUp(request)).rejects.toMatchObject({ code: "RECIPIENT_REVOKED" });
    await bob.refresh();
    await expect(bob.shamirRecovery.setUp(request)).rejects.toMatchObject({ code: "RECIPIENT_REVOKED" });

    const other = { sharesByRecipient: new Map([[alice.userId, 1]]), threshold: 1 };
    const twin = await login("Boby");
    await bob.shamirRecovery.setUp(other);
    await expect(twin.shamirRecovery.setUp(other)).rejects.toMatchObject({ code: "RECOVERY_ALREADY_SET_UP" });
    await expect(bob.shamirRecovery.setUp(other)).rejects.toMatchObject({ code: "RECOVERY_ALREADY_SET_UP" });
  });

  test("waits for the clock, the network and the session", async () => {
    const { tampers, options } = tampered();
    const bob = await login("Boby", options);
    const request = { sharesByRecipient: new Map([[idOf("Mike"), 1]]), threshold: 1 };
    tampers["shamir_recovery_setup"] = () =>
      encode(shamirRecoverySetup.reply, {
        status: "timestamp_out_of_ballpark",
        ballparkClientEarlyOffset: 300,
        ballparkClientLateOffset: 320,
        serverTimestamp: DateTime.fromSeconds(4_000),
        clientTimestamp: DateTime.fromSeconds(400),
      });
    await expect(bob.shamirRecovery.setUp(request)).rejects.toMatchObject({
      code: "TIMESTAMP_OUT_OF_BALLPARK",
      serverTimestamp: DateTime.fromSeconds(4_000),
    });
    const dying = await login("Alicey", options);
    tampers["shamir_recovery_delete"] = "lose_request";
    tampers["shamir_recovery_setup"] = "lose_request";
    await expect(bob.shamirRecovery.setUp(request)).rejects.toMatchObject({ code: "OFFLINE" });
    await expect(dying.shamirRecovery.delete()).rejects.toMatchObject({ code: "OFFLINE" });
    await bob.close();
    await expect(bob.shamirRecovery.setUp(request)).rejects.toMatchObject({ code: "SESSION_CLOSED" });
    expect(() => bob.shamirRecovery.status).toThrow(expect.objectContaining({ code: "SESSION_CLOSED" }));
    expect(() => bob.shamirRecovery.forOthers()).toThrow(expect.objectContaining({ code: "SESSION_CLOSED" }));
  });
});

describe("a deletion", () => {
  test("is told by its device, also to the other devices of the user; twice it is no harm, and needs no network", async () => {
    const { tampers, options } = tampered();
    const [first, second] = [await login("Alicey", options), await login("Alicey")];
    await second.shamirRecovery.delete();
    expect(second.shamirRecovery.status).toMatchObject({ status: "deleted", deletedBy: second.deviceId });
    // Only the server knows.
    await first.shamirRecovery.delete();
    expect(first.shamirRecovery.status).toMatchObject({ status: "deleted", deletedBy: second.deviceId });
    tampers["shamir_recovery_delete"] = "lose_request";
    tampers["certificate_get"] = "lose_request";
    await first.shamirRecovery.delete();
  });
});

describe("the status", () => {
  test("of the own setup goes with its recipients", async () => {
    const alice = await login("Alicey");
    const mike = await login("Mike");
    expect(mike.shamirRecovery.status).toEqual({ status: "never_set_up" });
    expect((await login("Boby")).shamirRecovery.status).toMatchObject({ status: "deleted" });
    expect(alice.shamirRecovery.status).toMatchObject({ status: "usable", threshold: 2, revokedRecipients: new Set() });
    await alice.users.revoke(idOf("Boby"));
    await alice.refresh();
    expect(alice.shamirRecovery.status).toMatchObject({ status: "usable", revokedRecipients: new Set([idOf("Boby")]) });
    await alice.users.revoke(idOf("Malloryy"));
    await alice.refresh();
    expect(alice.shamirRecovery.status).toMatchObject({ status: "unusable" });
    await mike.refresh();
    expect(mike.shamirRecovery.forOthers()).toMatchObject([
      { userId: alice.userId, status: "unusable" },
      { userId: idOf("Malloryy"), status: "usable" },
    ]);
  });

  test("of others is that of their last setup, by date", async () => {
    const [alice, bob] = [await login("Alicey"), await login("Boby")];
    expect(alice.shamirRecovery.forOthers()).toMatchObject([{ userId: bob.userId, status: "deleted" }]);
    await bob.shamirRecovery.setUp({ sharesByRecipient: new Map([[alice.userId, 1]]), threshold: 1 });
    await alice.refresh();
    expect(alice.shamirRecovery.forOthers()).toMatchObject([{ userId: bob.userId, status: "usable", threshold: 1 }]);
  });
});
