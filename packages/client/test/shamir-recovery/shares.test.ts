import { systemClock, toHex } from "@parsec/base";
import { createTransport } from "@parsec/connection";
import { ready, SecretKey, type ShamirShare, type SigningKey } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { shamirRecoverySetup } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import {
  AccessToken,
  combineShamirRecoverySecret,
  DateTime,
  DeviceId,
  type LocalDevice,
  openLocalDevice,
  sealShamirRecoveryShareData,
  signCertificate,
  splitShamirRecoverySecret,
  type UserId,
} from "@parsec/types";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { loadDump, localDevice, readDump } from "../../../../test/support/organization-dump.ts";
import { parsecPorts } from "../../src/ports.ts";
import type { SessionContext } from "../../src/session/context.ts";
import { openContext } from "../../src/session/open-context.ts";
import { deleteRecovery } from "../../src/shamir-recovery/delete.ts";
import { setUpRecovery } from "../../src/shamir-recovery/set-up.ts";
import { recoveryShare } from "../../src/shamir-recovery/share.ts";
import { recoveryStatus } from "../../src/shamir-recovery/status.ts";
import { brief, deletion, type Fields, revocation, Stage } from "../support/certificates.ts";
import { Spy } from "../support/spy.ts";

let server: RunningServer;

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

async function people() {
  const dump = readDump("coolorg.json");
  const organization = await loadDump(server.url, dump);
  const spy = new Spy(createTransport());
  onTestFinished(() => spy.close());
  const ports = parsecPorts({
    deviceStore: memoryDeviceStore(),
    storage: memoryDriver(),
    transport: spy,
    sync: "manual",
  });
  const open = async (label: string): Promise<SessionContext> => {
    const device = localDevice(dump, label, organization);
    const context = await openContext(ports, device, new AbortController().signal, {});
    onTestFinished(() => context.storage.close());
    await context.certificates.poll();
    return context;
  };
  return { alice: await open("Alicey"), bob: await open("Boby"), mallory: await open("Malloryy"), spy };
}

const idOf = ({ device }: SessionContext): UserId => device.userId;
const text = (share: ShamirShare) => toHex(share.toBytes());
const field = (request: object | undefined, name: string): unknown => request && Reflect.get(request, name);

async function dealt(weights: readonly [number, number], threshold: number) {
  const { alice, bob, mallory, spy } = await people();
  const sharesByRecipient = new Map([
    [idOf(bob), weights[0]],
    [idOf(mallory), weights[1]],
  ]);
  await setUpRecovery(alice, { sharesByRecipient, threshold });
  const status = recoveryStatus(alice.certificates.view, idOf(alice));
  if (status.status === "never_set_up") throw new Error("no setup");
  for (const context of [bob, mallory]) await context.certificates.poll();
  const ofBob = await recoveryShare(bob, idOf(alice), status.createdOn);
  const ofMallory = await recoveryShare(mallory, idOf(alice), status.createdOn);
  const [request] = spy.requests("shamir_recovery_setup");
  return { alice, bob, mallory, ofBob, ofMallory, request, createdOn: status.createdOn };
}

describe("the shares of a setup", () => {
  test("are as many as each recipient's weight, pairwise different, and exactly the threshold is usable", async () => {
    const { ofBob, ofMallory, request, alice } = await dealt([3, 2], 4);
    expect([ofBob.length, ofMallory.length]).toEqual([3, 2]);
    const all = [...ofBob, ...ofMallory];
    expect(new Set(all.map(text)).size).toBe(5);
    const secret = combineShamirRecoverySecret(all, 4);
    const sealed: unknown = field(request, "cipheredData");
    if (!(sealed instanceof Uint8Array)) throw new Error("no data was sent");
    expect(field(request, "revealToken")).toBe(secret.revealToken);
    const recovered: LocalDevice = openLocalDevice(sealed, secret.dataKey);
    expect(recovered).toMatchObject({
      userId: idOf(alice),
      deviceId: expect.not.stringMatching(alice.device.deviceId),
    });

    for (const left of all.keys()) {
      const four = all.filter((_, i) => i !== left);
      expect(combineShamirRecoverySecret(four, 4).dataKey.toBytes()).toEqual(secret.dataKey.toBytes());
      for (const second of four.keys()) {
        const three = four.filter((_, i) => i !== second);
        // Fewer than the threshold give nothing, or garbage that is no secret.
        expect(() => combineShamirRecoverySecret(three, 3)).toThrow();
      }
    }
  });

  test("of a recipient alone are of no use to another: each certificate opens for its own user", async () => {
    const { alice, bob, ofBob, ofMallory, createdOn } = await dealt([1, 1], 2);
    expect(text(ofBob[0] ?? expect.unreachable())).not.toBe(text(ofMallory[0] ?? expect.unreachable()));
    const { certificates } = bob;
    const stranger = { certificates, device: { ...bob.device, privateKey: alice.device.privateKey } };
    await expect(recoveryShare(stranger, idOf(alice), createdOn)).rejects.toMatchObject({
      code: "RECOVERY_SHARE_CORRUPTED",
    });
    await expect(recoveryShare(alice, idOf(alice), createdOn)).rejects.toMatchObject({ code: "RECOVERY_NOT_FOUND" });
  });

  test("of a former setup are handed over no more, those of the present one are", async () => {
    const { alice, bob } = await people();
    const request = { sharesByRecipient: new Map([[idOf(bob), 2]]), threshold: 2 };
    const dates: DateTime[] = [];
    for (const round of [1, 2]) {
      await setUpRecovery(alice, request);
      const status = recoveryStatus(alice.certificates.view, idOf(alice));
      if (status.status === "usable") dates.push(status.createdOn);
      if (round === 1) await deleteRecovery(alice);
    }
    await bob.certificates.poll();
    const [former = expect.unreachable(), present = expect.unreachable()] = dates;
    await expect(recoveryShare(bob, idOf(alice), former)).rejects.toMatchObject({ code: "RECOVERY_NOT_FOUND" });
    expect(await recoveryShare(bob, idOf(alice), present)).toHaveLength(2);
  });

  test("are all new in the next setup", async () => {
    const first = await dealt([2, 2], 2);
    const second = await dealt([2, 2], 2);
    const all = [first, second].flatMap(({ ofBob, ofMallory }) => [...ofBob, ...ofMallory]);
    expect(new Set(all.map(text)).size).toBe(8);
    for (const name of ["cipheredData", "revealToken"]) {
      expect(field(first.request, name)).not.toEqual(field(second.request, name));
    }
  });
});

describe("a share is refused", () => {
  interface Change {
    readonly author?: DeviceId;
    readonly later?: number;
    readonly signer?: SigningKey;
    readonly cipheredShare?: Uint8Array;
  }

  /** What bob makes of a share that alice dealt him with a client of her own. */
  async function shareOf(changeOf: (bob: SessionContext) => Change) {
    const { alice, bob } = await people();
    const { author, later = 0, signer, cipheredShare } = changeOf(bob);
    const { deviceId, userId, signingKey } = alice.device;
    const timestamp = DateTime.now(systemClock);
    const secret = {
      type: "shamir_recovery_secret",
      dataKey: SecretKey.generate(),
      revealToken: AccessToken.generate(),
    } as const;
    const data = {
      type: "shamir_recovery_share_data",
      author: author ?? deviceId,
      timestamp: DateTime.fromMicros(timestamp + later),
      weightedShare: splitShamirRecoverySecret(secret, { threshold: 1, shares: 2 }),
    } as const;
    const sealed = sealShamirRecoveryShareData(bob.device.privateKey.publicKey, signer ?? signingKey, data);
    const common = { author: deviceId, timestamp, userId };
    const reply = await alice.connection.send(shamirRecoverySetup, {
      cipheredData: new Uint8Array(10),
      revealToken: secret.revealToken,
      shamirRecoveryBriefCertificate: signCertificate(signingKey, {
        type: "shamir_recovery_brief_certificate",
        ...common,
        threshold: 1,
        perRecipientShares: new Map([[idOf(bob), 2]]),
      }),
      shamirRecoveryShareCertificates: [
        signCertificate(signingKey, {
          type: "shamir_recovery_share_certificate",
          ...common,
          recipient: idOf(bob),
          cipheredShare: cipheredShare ?? sealed,
        }),
      ],
    });
    expect(reply).toEqual({ status: "ok" });
    return recoveryShare(bob, userId, timestamp);
  }

  test("unless it is as it was dealt", async () => {
    expect(await shareOf(() => ({}))).toHaveLength(2);
  });

  test.each<readonly [string, (bob: SessionContext) => Change]>([
    ["by another device", () => ({ author: DeviceId.generate() })],
    ["of an older setup", () => ({ later: -1 })],
    ["of a later setup", () => ({ later: 1 })],
    ["signed by the recipient", (bob) => ({ signer: bob.device.signingKey })],
    ["that is garbage", () => ({ cipheredShare: new Uint8Array(100) })],
  ])("%s", async (_what, changeOf) => {
    await expect(shareOf(changeOf)).rejects.toMatchObject({ code: "RECOVERY_SHARE_CORRUPTED" });
  });
});

describe("the status of a setup", () => {
  test("is usable as long as the shares of those who are not revoked reach the threshold", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 3 }),
        fc.nat({ max: 3 }),
        fc.integer({ min: 1, max: 8 }),
        fc.boolean(),
        fc.boolean(),
        (bobs, carls, threshold, bobIsRevoked, carlIsRevoked) => {
          const stage = new Stage();
          const { alice, bob, carl } = stage;
          stage.add(alice, 1, {
            ...brief(alice, [
              [bob, bobs + 1],
              [carl, carls + 1],
            ]),
            threshold,
          } as Fields);
          if (bobIsRevoked) stage.add(alice, 2, revocation(bob));
          if (carlIsRevoked) stage.add(alice, 3, revocation(carl));
          const left = (bobIsRevoked ? 0 : bobs + 1) + (carlIsRevoked ? 0 : carls + 1);
          expect(recoveryStatus(stage.index, alice.userId).status).toBe(left >= threshold ? "usable" : "unusable");
        },
      ),
    );
  });

  test("is deleted by the deletion of that setup only", () => {
    const stage = new Stage();
    const { alice, bob } = stage;
    stage.add(alice, 1, brief(alice, [[bob, 1]]));
    stage.add(alice, 2, deletion(alice, stage.at(1), [bob]));
    expect(recoveryStatus(stage.index, alice.userId)).toMatchObject({ status: "deleted", deletedOn: stage.at(2) });
    stage.add(alice, 3, brief(alice, [[bob, 1]]));
    expect(recoveryStatus(stage.index, alice.userId)).toMatchObject({ status: "usable", createdOn: stage.at(3) });
  });
});
