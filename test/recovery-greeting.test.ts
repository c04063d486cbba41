import {
  createParsec,
  type Parsec,
  type RecoverableDevice,
  type RecoveryInvitation,
  type RecoveryShare,
  type Session,
} from "@parsec/client";
import { keyring, memoryDeviceStore, memoryKeyring } from "@parsec/device";
import { inviteGreeterStep, inviteShamirRecoveryReveal } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { type AccessToken, encode, UserId } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { dumpUser, type LoadedOrganization, loadDump, localDevice, readDump } from "./support/organization-dump.ts";
import { type Tamper, tamperingTransport } from "./support/tampering-transport.ts";

// Alice has lost everything. Two shares are needed: bob holds 2, mallory and mike 1 each (09b §10, 9 to 13).

const dump = readDump("shamir.json");
const newProtection = () => keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });

let server: RunningServer;
let organization: LoadedOrganization;
let bob: Session;
let link: string;
let token: AccessToken;
const idOf = (label: string): UserId => {
  const id = UserId.parse(dumpUser(dump, label).user_id);
  if (id === undefined) throw new Error(label);
  return id;
};

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  organization = await loadDump(server.url, dump);
  bob = await login("Bob");
  ({ link, token } = await bob.invitations.inviteRecovery(idOf("Alice")));
});

interface Computer {
  readonly parsec: Parsec;
  readonly tampers: Record<string, Tamper>;
}

async function newComputer(): Promise<Computer> {
  const tampers: Record<string, Tamper> = {};
  const transport = tamperingTransport(tampers);
  onTestFinished(() => transport.close());
  const parsec = await createParsec({
    deviceStore: memoryDeviceStore(),
    storage: memoryDriver(),
    transport,
    sync: "manual",
  });
  return { parsec, tampers };
}

async function login(label: string, computer?: Computer): Promise<Session> {
  const { parsec } = computer ?? (await newComputer());
  const session = await parsec.login(localDevice(dump, label, organization));
  onTestFinished(() => session.close());
  return session;
}

async function open({ parsec }: Computer): Promise<RecoveryInvitation> {
  const invitation = await parsec.openInvitation(link);
  if (invitation.type !== "SHAMIR_RECOVERY") throw new Error("another invitation");
  return invitation;
}

/** A whole greeting with one recipient. */
async function shareOf(invitation: RecoveryInvitation, greeter: Session): Promise<RecoveryShare> {
  const give = async () => {
    const shows = await greeter.invitations.greetRecovery(token);
    const chooses = await shows.waitPeerTrust();
    const request = await (await chooses.choose(chooses.claimerSas)).getRequest();
    expect(request.claimerUserId).toBe(idOf("Alice"));
    await request.sendShares();
    return request.weight;
  };
  const get = async () => {
    const chooses = await invitation.meet(greeter.userId);
    expect(chooses.greeter.userId).toBe(greeter.userId);
    const shows = await chooses.choose(chooses.greeterSas);
    return (await shows.waitPeerTrust()).getShare();
  };
  const [share, weight] = await Promise.all([get(), give()]);
  expect(share).toMatchObject({ recipient: greeter.userId, weight });
  return share;
}

function recoverable(device: RecoverableDevice | undefined): RecoverableDevice {
  if (device === undefined) throw new Error("more shares are needed");
  return device;
}

describe("a recovery with the help of others", () => {
  test("collects shares one after the other, makes a device, and ends the invitation", async () => {
    const mike = await login("Mike");
    const computer = await newComputer();
    const { parsec } = computer;
    const invitation = await open(computer);
    expect(invitation).toMatchObject({ threshold: 2, isRecoverable: true, retrievedShares: new Map() });
    const weights = invitation.recipients.map(({ userId, shares, revokedOn }) => [userId, shares, revokedOn]);
    expect(weights).toEqual(
      expect.arrayContaining([
        [idOf("Bob"), 2, null],
        [idOf("Mallory"), 1, null],
        [idOf("Mike"), 1, null],
      ]),
    );

    const first = await shareOf(invitation, mike);
    expect(invitation.add(first)).toBeUndefined();
    expect(invitation.add(first)).toBeUndefined();
    expect(invitation.retrievedShares).toEqual(new Map([[mike.userId, 1]]));
    expect(invitation.recipientsWithoutShare.map(({ userId }) => userId)).not.toContain(mike.userId);
    await expect(invitation.meet(mike.userId)).rejects.toMatchObject({ code: "RECIPIENT_ALREADY_PICKED" });

    const device = recoverable(invitation.add(await shareOf(invitation, bob)));
    const unsaved = await device.recover({ deviceLabel: "new laptop" });
    expect(unsaved).toMatchObject({ userId: idOf("Alice"), deviceLabel: "new laptop" });
    expect(await parsec.unconfirmedDevices()).toMatchObject([{ protection: { type: "none" } }]);
    const protection = newProtection();
    await unsaved.save(protection);
    const alice = await parsec.login(unsaved.deviceId, protection);
    onTestFinished(() => alice.close());
    await alice.refresh();
    expect(alice.users.devicesOf(alice.userId).at(-1)).toMatchObject({ label: "new laptop", purpose: "STANDARD" });
    expect(await bob.invitations.list()).toContainEqual(expect.objectContaining({ token, status: "FINISHED" }));
    await alice.shamirRecovery.delete();
    expect(alice.shamirRecovery.status).toMatchObject({ status: "deleted" });
  });

  test("of one recipient alone, who holds enough", async () => {
    const computer = await newComputer();
    const invitation = await open(computer);
    const device = recoverable(invitation.add(await shareOf(invitation, bob)));
    await (await device.recover({ deviceLabel: "x" })).save(newProtection());
    expect(await computer.parsec.devices()).toHaveLength(1);
  });

  test("goes on where it was when the server is away, with the same device", async () => {
    const computer = await newComputer();
    const { parsec, tampers } = computer;
    const invitation = await open(computer);
    const device = recoverable(invitation.add(await shareOf(invitation, bob)));
    const offline = { code: "OFFLINE" };
    const attempt = () => device.recover({ deviceLabel: "new laptop" });
    tampers["invite_shamir_recovery_reveal"] = "lose_request";
    await expect(attempt()).rejects.toMatchObject(offline);
    expect(await parsec.unconfirmedDevices()).toEqual([]);
    tampers["invite_shamir_recovery_reveal"] = "lose_reply";
    await expect(attempt()).rejects.toMatchObject(offline);
    delete tampers["invite_shamir_recovery_reveal"];
    const waiting: unknown[] = [];
    for (const lost of ["lose_request", "lose_reply"] as const) {
      tampers["device_create"] = lost;
      await expect(attempt()).rejects.toMatchObject(offline);
      waiting.push(await parsec.unconfirmedDevices());
    }
    delete tampers["device_create"];
    const unsaved = await attempt();
    expect(await parsec.unconfirmedDevices()).toMatchObject([{ deviceId: unsaved.deviceId }]);
    expect(waiting).toMatchObject([[{ deviceId: unsaved.deviceId }], [{ deviceId: unsaved.deviceId }]]);
    await unsaved.save(newProtection());
    const alice = await parsec.login(localDevice(dump, "Alice", organization));
    onTestFinished(() => alice.close());
    await alice.refresh();
    expect(alice.users.devicesOf(alice.userId).filter(({ label }) => label === "new laptop")).toHaveLength(1);
  });

  test("is saved though the invitation cannot be ended", async () => {
    const computer = await newComputer();
    const invitation = await open(computer);
    const device = recoverable(invitation.add(await shareOf(invitation, bob)));
    const unsaved = await device.recover({ deviceLabel: "x" });
    computer.tampers["invite_complete"] = "lose_request";
    expect(await unsaved.save(newProtection())).toMatchObject({ deviceId: unsaved.deviceId });
    expect(await bob.invitations.list()).toContainEqual(expect.objectContaining({ token, status: "PENDING" }));
  });
});

describe("recipients", () => {
  test("who are revoked, unknown, or too few", async () => {
    const alice = await login("Alice");
    await alice.refresh();
    for (const label of ["Bob", "Mallory"]) await alice.users.revoke(idOf(label));
    const invitation = await open(await newComputer());
    expect(invitation.isRecoverable).toBe(false);
    expect(invitation.recipientsWithoutShare.map(({ userId }) => userId)).toEqual([idOf("Mike")]);
    for (const label of ["Bob", "Mallory"]) {
      await expect(invitation.meet(idOf(label))).rejects.toMatchObject({ code: "RECIPIENT_REVOKED" });
    }
    await expect(invitation.meet(UserId.generate())).rejects.toMatchObject({ code: "RECIPIENT_NOT_FOUND" });
    await expect(invitation.meet(idOf("Alice"))).rejects.toMatchObject({ code: "RECIPIENT_NOT_FOUND" });
    const mike = await login("Mike");
    await expect(mike.invitations.greetRecovery(token)).rejects.toMatchObject({ code: "RECOVERY_UNUSABLE" });
  });

  test("of another recovery give what is of no use", async () => {
    const invitation = await open(await newComputer());
    const share = await shareOf(invitation, await login("Mike"));
    const other = await open(await newComputer());
    expect(other.add(share)).toBeUndefined();
    for (const bad of [undefined, null, {}, { recipient: idOf("Bob"), weight: 9 }, 5]) {
      expect(() => Reflect.apply(other.add, other, [bad])).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT", argument: "share" }),
      );
    }
  });

  test("whose share is wrong: it is told when there are enough", async () => {
    const invitation = await open(await newComputer());
    const [mine, others] = [
      await shareOf(invitation, await login("Mike")),
      await shareOf(invitation, await login("Mallory")),
    ];
    // Alice has set it up anew meanwhile: the shares of then and of now do not fit together.
    const alice = await login("Alice");
    await alice.refresh();
    await alice.shamirRecovery.delete();
    await alice.shamirRecovery.setUp({
      sharesByRecipient: new Map([
        [idOf("Mike"), 1],
        [idOf("Bob"), 2],
      ]),
      threshold: 2,
    });
    const mike = await login("Mike");
    const anew = await mike.invitations.inviteRecovery(idOf("Alice"));
    [link, token] = [anew.link, anew.token];
    const second = await open(await newComputer());
    const newShare = await shareOf(second, mike);
    expect(invitation.add(newShare)).toBeUndefined();
    expect(() => invitation.add(others)).toThrow(expect.objectContaining({ code: "RECOVERY_SECRET_CORRUPTED" }));
    // Of the right one all is well, up to the data that the server has no more.
    const device = recoverable(invitation.add(mine));
    await expect(device.recover({ deviceLabel: "x" })).rejects.toMatchObject({
      code: "INVITATION_ALREADY_USED_OR_DELETED",
    });
  });
});

describe("one who is asked to help", () => {
  test("of an invitation that is unknown, of a device, or deleted", async () => {
    const refused = (given: AccessToken) => expect(bob.invitations.greetRecovery(given)).rejects;
    await refused((await bob.invitations.inviteDevice()).token).toMatchObject({ code: "INVITATION_NOT_FOUND" });
    const alice = await login("Alice");
    await alice.refresh();
    await alice.shamirRecovery.delete();
    await refused(token).toMatchObject({ code: expect.stringMatching(/^(RECOVERY_DELETED|INVITATION_NOT_FOUND)$/) });
  });

  test("learns the certificates that it needs by itself", async () => {
    // Logged in, and never refreshed.
    const mike = await login("Mike");
    const invitation = await open(await newComputer());
    expect(await shareOf(invitation, mike)).toMatchObject({ weight: 1 });
  });

  test.each([7, 8])("has succeeded when the claimer ends the invitation before step %i is over", async (step) => {
    const computer = await newComputer();
    const mallory = await login("Mallory", computer);
    const invitation = await open(await newComputer());
    const shows = mallory.invitations.greetRecovery(token);
    const chooses = await invitation.meet(mallory.userId);
    const [trusts, chosen] = await Promise.all([
      chooses.choose(chooses.greeterSas).then((shown) => shown.waitPeerTrust()),
      shows.then(async (shown) => {
        const choosing = await shown.waitPeerTrust();
        return choosing.choose(choosing.claimerSas);
      }),
    ]);
    const request = await Promise.all([chosen.getRequest(), startShare(trusts)]).then(([asked]) => asked);
    let polls = 0;
    computer.tampers["invite_greeter_step"] = (reply) => {
      polls += 1;
      // The payload is there; then the claimer is done.
      if (step === 7 && polls === 1) return encode(inviteGreeterStep.reply, { status: "not_ready" });
      if (step === 8 && polls === 1) return reply;
      return encode(inviteGreeterStep.reply, { status: "invitation_completed" });
    };
    await request.sendShares();
    expect(polls).toBe(2);
  });

  test("has not succeeded when the invitation was ended before the share was sent", async () => {
    const computer = await newComputer();
    const mallory = await login("Mallory", computer);
    const invitation = await open(await newComputer());
    const shows = mallory.invitations.greetRecovery(token);
    const chooses = await invitation.meet(mallory.userId);
    const [trusts, chosen] = await Promise.all([
      chooses.choose(chooses.greeterSas).then((shown) => shown.waitPeerTrust()),
      shows.then(async (shown) => {
        const choosing = await shown.waitPeerTrust();
        return choosing.choose(choosing.claimerSas);
      }),
    ]);
    const [request] = await Promise.all([chosen.getRequest(), startShare(trusts)]);
    computer.tampers["invite_greeter_step"] = () => encode(inviteGreeterStep.reply, { status: "invitation_completed" });
    await expect(request.sendShares()).rejects.toMatchObject({ code: "INVITATION_COMPLETED" });
  });

  /** The claimer asks for the share; what becomes of it is not looked at. */
  async function startShare(claim: { getShare(options: { signal: AbortSignal }): Promise<unknown> }): Promise<void> {
    const abort = new AbortController();
    onTestFinished(() => abort.abort());
    claim.getShare({ signal: abort.signal }).catch(() => undefined);
  }
});

describe("what the server gives for the shares", () => {
  const replies: readonly (readonly [string, () => Uint8Array, string])[] = [
    [
      "nothing",
      () => encode(inviteShamirRecoveryReveal.reply, { status: "bad_reveal_token" }),
      "RECOVERY_DATA_NOT_FOUND",
    ],
    [
      "garbage",
      () => encode(inviteShamirRecoveryReveal.reply, { status: "ok", cipheredData: new Uint8Array(100) }),
      "RECOVERY_DATA_CORRUPTED",
    ],
    [
      "nothing at all",
      () => encode(inviteShamirRecoveryReveal.reply, { status: "ok", cipheredData: new Uint8Array() }),
      "RECOVERY_DATA_CORRUPTED",
    ],
    [
      "another type of invitation",
      () => encode(inviteShamirRecoveryReveal.reply, { status: "bad_invitation_type" }),
      "UNEXPECTED_REPLY",
    ],
  ];

  test.each(replies)("%s", async (_what, reply, code) => {
    const computer = await newComputer();
    const invitation = await open(computer);
    const device = recoverable(invitation.add(await shareOf(invitation, bob)));
    computer.tampers["invite_shamir_recovery_reveal"] = reply;
    await expect(device.recover({ deviceLabel: "x" })).rejects.toMatchObject({ code });
    expect(await computer.parsec.unconfirmedDevices()).toEqual([]);
    delete computer.tampers["invite_shamir_recovery_reveal"];
    await device.recover({ deviceLabel: "x" });
  });
});
