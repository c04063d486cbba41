import { createTransport } from "@parsec/connection";
import { ready } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { combineShamirRecoverySecret, DateTime, UserId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  bytesOf,
  type Dump,
  loadDump,
  localDevice,
  readDump,
  readVector,
} from "../../../../test/support/organization-dump.ts";
import { parsecPorts } from "../../src/ports.ts";
import type { SessionContext } from "../../src/session/context.ts";
import { openContext } from "../../src/session/open-context.ts";
import { ShamirRecovery } from "../../src/shamir-recovery/shamir-recovery.ts";
import { recoveryShare } from "../../src/shamir-recovery/share.ts";
import { recoveryStatus } from "../../src/shamir-recovery/status.ts";
import { revokeUser } from "../../src/users/revoke-user.ts";

let server: RunningServer;

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

/** Opens the sessions of an organization of their own, one step below the public class. */
async function open(dump: Dump, ...labels: readonly string[]): Promise<readonly SessionContext[]> {
  const organization = await loadDump(server.url, dump);
  const transport = createTransport();
  onTestFinished(() => transport.close());
  const ports = parsecPorts({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), transport, sync: "manual" });
  const contexts: SessionContext[] = [];
  for (const label of labels) {
    const context = await openContext(ports, localDevice(dump, label, organization), new AbortController().signal, {});
    onTestFinished(() => context.storage.close());
    await context.certificates.poll();
    contexts.push(context);
  }
  return contexts;
}

async function people() {
  const [alice, bob, mallory] = await open(readDump("coolorg.json"), "Alicey", "Boby", "Malloryy");
  if (alice === undefined || bob === undefined || mallory === undefined) throw new Error("coolorg has three users");
  const request = {
    threshold: 2,
    sharesByRecipient: new Map([
      [bob.device.userId, 2],
      [mallory.device.userId, 1],
    ]),
  };
  return { alice, bob, mallory, request };
}

interface ExpectedRecovery {
  readonly user_id: string;
  readonly setup_timestamp: number;
  readonly threshold: number;
  readonly data_key: string;
}

test("the setups of a dump are seen as they are, and its shares give the key back", async () => {
  const dump = readDump("shamir.json");
  const [alice, bob] = await open(dump, "Alicey", "Boby");
  if (alice === undefined || bob === undefined) throw new Error("two users");
  expect(new ShamirRecovery(alice).status).toMatchObject({ status: "usable", threshold: 2 });
  expect(new ShamirRecovery(bob).status).toMatchObject({ status: "deleted" });
  expect(new ShamirRecovery(bob).forOthers()).toMatchObject([{ userId: alice.device.userId, status: "usable" }]);

  const { shamir_recoveries: recoveries } = readVector<{
    readonly expected: { readonly shamir_recoveries: readonly ExpectedRecovery[] };
  }>("organizations/shamir.json").expected;
  const expected = recoveries.find(({ user_id }) => user_id === alice.device.userId);
  const createdOn = DateTime.fromMicros(expected?.setup_timestamp ?? 0);
  const shares = await recoveryShare(bob, alice.device.userId, createdOn);
  const { dataKey } = combineShamirRecoverySecret(shares, expected?.threshold ?? 0);
  expect(dataKey.toBytes()).toEqual(bytesOf(expected?.data_key));
});

describe("a setup", () => {
  test("is made, seen by its recipients, and its shares give the secret back", async () => {
    const { alice, bob, mallory, request } = await people();
    const recovery = new ShamirRecovery(alice);
    expect(recovery.status).toEqual({ status: "never_set_up" });
    await recovery.setUp(request);
    const { status } = recovery;
    if (status.status !== "usable") throw new Error(status.status);
    expect(status).toMatchObject({ ...request, userId: alice.device.userId, revokedRecipients: new Set() });

    for (const context of [bob, mallory]) await context.certificates.poll();
    expect(new ShamirRecovery(bob).forOthers()).toEqual([status]);
    const ofBob = await recoveryShare(bob, alice.device.userId, status.createdOn);
    const ofMallory = await recoveryShare(mallory, alice.device.userId, status.createdOn);
    expect([ofBob.length, ofMallory.length]).toEqual([2, 1]);
    const secret = combineShamirRecoverySecret(ofBob, 2);
    expect(combineShamirRecoverySecret([...ofBob.slice(1), ...ofMallory], 2).revealToken).toBe(secret.revealToken);
    expect(alice.certificates.view.devicesOf(alice.device.userId).at(-1)).toMatchObject({ purpose: "SHAMIR_RECOVERY" });
  });

  test("is deleted, twice without harm, and made again", async () => {
    const { alice, bob, request } = await people();
    const recovery = new ShamirRecovery(alice);
    await recovery.delete();
    await recovery.setUp(request);
    const first = recovery.status;
    if (first.status !== "usable") throw new Error(first.status);
    await recovery.delete();
    await recovery.delete();
    expect(recovery.status).toMatchObject({ status: "deleted", deletedBy: alice.device.deviceId });
    await expect(recoveryShare(bob, alice.device.userId, first.createdOn)).rejects.toMatchObject({
      code: "RECOVERY_DELETED",
    });
    await recovery.setUp(request);
    expect(recovery.status).toMatchObject({ status: "usable" });
  });

  test("is of no use when too many recipients are revoked", async () => {
    const { alice, bob, request } = await people();
    await new ShamirRecovery(alice).setUp(request);
    await revokeUser(alice, bob.device.userId);
    expect(recoveryStatus(alice.certificates.view, alice.device.userId)).toMatchObject({
      status: "unusable",
      revokedRecipients: new Set([bob.device.userId]),
    });
  });

  test("is refused with a code for each reason, before anything is sent", async () => {
    const { alice, bob, request } = await people();
    const recovery = new ShamirRecovery(alice);
    const dealt = (shares: number, userId = bob.device.userId) => new Map([[userId, shares]]);
    const refused = (sharesByRecipient: ReadonlyMap<UserId, number>, threshold: number) =>
      expect(recovery.setUp({ sharesByRecipient, threshold })).rejects;
    await refused(dealt(1, alice.device.userId), 1).toMatchObject({ code: "RECIPIENT_IS_SELF" });
    await refused(dealt(1), 2).toMatchObject({ code: "THRESHOLD_TOO_HIGH" });
    await refused(dealt(256), 1).toMatchObject({ code: "TOO_MANY_SHARES" });
    await refused(dealt(1, UserId.generate()), 1).toMatchObject({ code: "RECIPIENT_NOT_FOUND" });
    const devices = alice.certificates.view.devicesOf(alice.device.userId).length;
    await alice.certificates.poll();
    expect(alice.certificates.view.devicesOf(alice.device.userId)).toHaveLength(devices);
    await recovery.setUp(request);
    await refused(dealt(1), 1).toMatchObject({ code: "RECOVERY_ALREADY_SET_UP" });
    await revokeUser(alice, bob.device.userId);
    await recovery.delete();
    await refused(dealt(1), 1).toMatchObject({ code: "RECIPIENT_REVOKED" });
  });

  test("may have 255 shares, all of them needed", async () => {
    const { alice, bob } = await people();
    const sharesByRecipient = new Map([[bob.device.userId, 255]]);
    await new ShamirRecovery(alice).setUp({ sharesByRecipient, threshold: 255 });
    expect(recoveryStatus(alice.certificates.view, alice.device.userId)).toMatchObject({ status: "usable" });
  });

  test("of another date is not found", async () => {
    const { alice, bob, request } = await people();
    await new ShamirRecovery(alice).setUp(request);
    const past = DateTime.fromMicros(1);
    await expect(recoveryShare(bob, alice.device.userId, past)).rejects.toMatchObject({ code: "RECOVERY_NOT_FOUND" });
  });
});
