import { hasCode } from "@parsec/base";
import type { Session } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { DeviceLabel, HumanHandle, UserId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bootstrapped,
  choose,
  claimWholly,
  greetWholly,
  newPerson,
  type Person,
  Telephone,
} from "./support/greeting-people.ts";
import { dumpUser, loadDump, localDevice, readDump } from "./support/organization-dump.ts";

let server: RunningServer;
let alicePerson: Person;
let alice: Session;
let emails = 0;

beforeAll(async () => {
  server = await startServer({ testbed: true });
  alicePerson = await newPerson();
  alice = await bootstrapped(server, "Greetings", alicePerson);
});
afterAll(async () => {
  await alice.close();
  await server.close();
});

async function inviteSomebody() {
  emails += 1;
  const email = `bob${emails}@example.com`;
  return { email, ...(await alice.invitations.inviteUser(email)) };
}

describe("a whole greeting", () => {
  test("of a user: both sessions validate all certificates, the invitation is used up", async () => {
    const { token, link, email } = await inviteSomebody();
    const bob = await newPerson();
    const telephone = new Telephone();
    const [device] = await Promise.all([
      claimWholly(bob, link, { telephone }),
      greetWholly(alice, token, { telephone }),
    ]);

    const session = await bob.parsec.login(device.deviceId, bob.protection);
    for (const each of [alice, session]) {
      await each.refresh();
      expect(each.users.list()).toContainEqual(
        expect.objectContaining({ id: device.userId, humanHandle: { email, label: "Bob" }, profile: "STANDARD" }),
      );
      expect(each.users.devicesOf(device.userId)).toMatchObject([{ id: device.deviceId, label: "phone" }]);
    }
    await session.close();
    expect(await bob.parsec.unconfirmedDevices()).toEqual([]);
    expect(await alice.invitations.list()).toContainEqual(expect.objectContaining({ token, link, status: "FINISHED" }));
    await expect(bob.parsec.openInvitation(link)).rejects.toMatchObject({ code: "INVITATION_ALREADY_USED_OR_DELETED" });
    await expect(alice.invitations.greetUser(token)).rejects.toMatchObject({ code: "INVITATION_COMPLETED" });
  });

  test("of a user: the greeter has the last word, and may try again after a refusal", async () => {
    const { token, link } = await inviteSomebody();
    const bob = await newPerson();
    const telephone = new Telephone();
    const claiming = claimWholly(bob, link, { telephone });
    const showing = await alice.invitations.greetUser(token);
    telephone.say("greeter", showing.greeterSas);
    const choosing = await showing.waitPeerTrust();
    const trusting = await choosing.choose(choose(choosing.claimerSasChoices, await telephone.hear("claimer")));
    const request = await trusting.getRequest();
    expect(request).toMatchObject({ requestedHumanHandle: { label: "Bob" }, requestedDeviceLabel: "phone" });

    const taken = HumanHandle.parse("alice@example.com", "Impostor");
    await expect(request.createUser({ profile: "STANDARD", humanHandle: taken })).rejects.toMatchObject({
      code: "HUMAN_HANDLE_TAKEN",
    });
    const humanHandle = HumanHandle.parse("robert@example.com", "Robert");
    const deviceLabel = DeviceLabel.parse("his phone");
    await request.createUser({ profile: "OUTSIDER", humanHandle, deviceLabel });
    expect(await claiming).toMatchObject({ humanHandle, deviceLabel, initialProfile: "OUTSIDER" });
  });

  test("of a device: the same user and the same keys", async () => {
    const { token, link } = await alice.invitations.inviteDevice();
    const tablet = await newPerson();
    const telephone = new Telephone();
    const claim = async () => {
      const invitation = await tablet.parsec.openInvitation(link);
      if (invitation.type !== "DEVICE") throw new Error("not for a device");
      expect(invitation.details).toMatchObject({ claimerUserId: alice.userId });
      const choosing = await invitation.meet();
      const showing = await choosing.choose(choose(choosing.greeterSasChoices, await telephone.hear("greeter")));
      telephone.say("claimer", showing.claimerSas);
      const trusted = await showing.waitPeerTrust();
      return trusted.claim({ deviceLabel: "tablet", protection: tablet.protection });
    };
    const greet = async () => {
      const showing = await alice.invitations.greetDevice(token);
      telephone.say("greeter", showing.greeterSas);
      const choosing = await showing.waitPeerTrust();
      const trusting = await choosing.choose(choose(choosing.claimerSasChoices, await telephone.hear("claimer")));
      const request = await trusting.getRequest();
      expect(request.requestedDeviceLabel).toBe("tablet");
      await request.createDevice();
    };
    const [device] = await Promise.all([claim(), greet()]);
    const session = await tablet.parsec.login(device.deviceId, tablet.protection);
    await session.refresh();
    expect(session.userId).toBe(alice.userId);
    expect(session.users.devicesOf(alice.userId).map(({ label }) => label)).toEqual(["laptop", "tablet"]);

    const workspace = await alice.workspaces.create("Shared by keys");
    await alice.maintain();
    await session.refresh();
    expect(await session.workspaces.find("Shared by keys")).toMatchObject([{ id: workspace.id }]);
    await session.close();
  });
});

describe("a wrong code", () => {
  test.each([
    ["greeter", "claimer"],
    ["claimer", "greeter"],
  ] as const)("of the %s ends the greeting for both", async (who, other) => {
    const { token, link } = await inviteSomebody();
    const bob = await newPerson();
    const telephone = new Telephone();
    const ends = await Promise.allSettled([
      greetWholly(alice, token, { telephone, isWrong: who === "greeter" }),
      claimWholly(bob, link, { telephone, isWrong: who === "claimer" }),
    ]);
    const [greeter, claimer] = ends.map((end) => (end.status === "rejected" ? end.reason : undefined));
    const errors = { greeter, claimer };
    expect(errors[who]).toMatchObject({ code: "SAS_CODE_MISMATCH" });
    expect(errors[other]).toMatchObject({
      code: "GREETING_CANCELLED",
      origin: who.toUpperCase(),
      reason: "INVALID_SAS_CODE",
    });
    await expectPossible(token, link);
  });

  test("is what the other side hears of when trust is denied", async () => {
    const { token, link } = await inviteSomebody();
    const bob = await newPerson();
    const invitation = await bob.parsec.openInvitation(link);
    if (invitation.type !== "USER") throw new Error("not for a user");
    const [showing, choosing] = await Promise.all([alice.invitations.greetUser(token), invitation.meet()]);
    const waiting = showing.waitPeerTrust();
    await Promise.all([
      choosing.denyTrust(),
      expect(waiting).rejects.toMatchObject({ code: "GREETING_CANCELLED", reason: "INVALID_SAS_CODE" }),
    ]);
    await expect(choosing.denyTrust()).rejects.toMatchObject({ code: "GREETING_CANCELLED" });
    await expect(showing.cancel()).rejects.toMatchObject({ code: "GREETING_CANCELLED" });
  });
});

/** The same invitation still leads to a user. */
async function expectPossible(token: Parameters<typeof greetWholly>[1], link: string): Promise<void> {
  const telephone = new Telephone();
  const person = await newPerson();
  const [device] = await Promise.all([
    claimWholly(person, link, { telephone }),
    greetWholly(alice, token, { telephone }),
  ]);
  expect(device.organizationId).toBe(alice.organizationId);
}

describe("an invitation", () => {
  test("that is cancelled cuts off both sides", async () => {
    const { token, link } = await inviteSomebody();
    const bob = await newPerson();
    const invitation = await bob.parsec.openInvitation(link);
    if (invitation.type !== "USER") throw new Error("not for a user");
    const [showing, choosing] = await Promise.all([alice.invitations.greetUser(token), invitation.meet()]);
    const waiting = showing.waitPeerTrust();
    await Promise.all([
      alice.invitations.cancel(token),
      expect(waiting).rejects.toMatchObject({ code: "INVITATION_CANCELLED" }),
    ]);
    await expect(choosing.choose(choose(choosing.greeterSasChoices, showing.greeterSas))).rejects.toMatchObject({
      code: "INVITATION_ALREADY_USED_OR_DELETED",
    });
    await expect(alice.invitations.cancel(token)).rejects.toMatchObject({ code: "INVITATION_CANCELLED" });
  });

  test("is for e-mail addresses that are not enrolled", async () => {
    await expect(alice.invitations.inviteUser("alice@example.com")).rejects.toMatchObject({
      code: "CLAIMER_ALREADY_ENROLLED",
    });
    await expect(alice.invitations.inviteUser("not an address")).rejects.toMatchObject({ code: "EMAIL_PARSE_ERROR" });
  });

  test("is made and greeted by administrators", async () => {
    const { token, link } = await inviteSomebody();
    const bob = await newPerson();
    const telephone = new Telephone();
    const [device] = await Promise.all([
      claimWholly(bob, link, { telephone }),
      greetWholly(alice, token, { telephone }),
    ]);
    const session = await bob.parsec.login(device.deviceId, bob.protection);
    await expect(session.invitations.inviteUser("carol@example.com")).rejects.toMatchObject({ code: "NOT_ALLOWED" });
    const other = await inviteSomebody();
    await expect(session.invitations.greetUser(other.token)).rejects.toMatchObject({ code: "GREETER_NOT_ALLOWED" });
    await expect(session.invitations.cancel(other.token)).rejects.toMatchObject({ code: "NOT_ALLOWED" });
    await session.close();
  });

  test("to recover is made by those who hold shares", async () => {
    const dump = readDump("shamir.json");
    const organization = await loadDump(server.url, dump);
    const sessionOf = async (label: string) => (await newPerson()).parsec.login(localDevice(dump, label, organization));
    const [bob, mallory] = await Promise.all(["Bob", "Mallory"].map(sessionOf));
    if (bob === undefined || mallory === undefined) throw new Error("nobody");
    const claimer = UserId.parse(dumpUser(dump, "Alice").user_id);
    if (claimer === undefined) throw new Error("no id");
    const { token, link, emailSent } = await bob.invitations.inviteRecovery(claimer);
    expect(emailSent).toBe("SUCCESS");
    expect(await bob.invitations.list()).toContainEqual(
      expect.objectContaining({ type: "SHAMIR_RECOVERY", token, link, claimerUserId: claimer, status: "PENDING" }),
    );
    const { parsec } = await newPerson();
    expect(await parsec.openInvitation(link)).toMatchObject({
      type: "SHAMIR_RECOVERY",
      details: { claimerUserId: claimer, threshold: 2 },
    });
    await expect(bob.invitations.inviteRecovery(mallory.userId)).rejects.toMatchObject({ code: "NOT_ALLOWED" });
    await expect(bob.invitations.inviteRecovery(alice.userId)).rejects.toMatchObject({ code: "CLAIMER_NOT_FOUND" });
    await Promise.all([bob.close(), mallory.close()]);
  });

  test("that the server does not know is told", async () => {
    const elsewhere = await bootstrapped(server, "Elsewhere", await newPerson());
    const { token } = await elsewhere.invitations.inviteDevice();
    await elsewhere.close();
    await expect(alice.invitations.greetDevice(token)).rejects.toMatchObject({ code: "INVITATION_NOT_FOUND" });
    await expect(alice.invitations.cancel(token)).rejects.toMatchObject({ code: "INVITATION_NOT_FOUND" });
    const { address } = await alice.invitations.inviteDevice();
    const bob = await newPerson();
    await expect(bob.parsec.openInvitation({ ...address, token })).rejects.toMatchObject({
      code: "BAD_AUTHENTICATION",
    });
  });
});

describe("two administrators", () => {
  test("greet at once: one of them is met, the other one is told", async () => {
    const first = await inviteSomebody();
    const bob = await newPerson();
    const telephone = new Telephone();
    const [device] = await Promise.all([
      claimWholly(bob, first.link, { telephone }),
      greetWholly(alice, first.token, { telephone }, "ADMIN"),
    ]);
    const bobSession = await bob.parsec.login(device.deviceId, bob.protection);

    const { token, link } = await inviteSomebody();
    const carol = await newPerson();
    const invitation = await carol.parsec.openInvitation(link);
    if (invitation.type !== "USER") throw new Error("not for a user");
    expect(invitation.preferredGreeter).toBe(alice.userId);
    expect(invitation.details.administrators).toHaveLength(2);
    const waits = [alice, bobSession].map(async (session) => {
      const showing = await session.invitations.greetUser(token);
      return showing.waitPeerTrust();
    });
    const firstEnd = Promise.race(waits).catch((error: unknown) => error);
    const choosing = await invitation.meet();
    expect(await firstEnd).toMatchObject({
      code: "GREETING_CANCELLED",
      origin: "CLAIMER",
      reason: "MANUALLY_CANCELLED",
    });
    await choosing.cancel();
    const ends = await Promise.allSettled(waits);
    expect(ends.map((end) => end.status === "rejected" && hasCode(end.reason, "GREETING_CANCELLED"))).toEqual([
      true,
      true,
    ]);

    const met = invitation.meet({ greeter: bobSession.userId });
    const [chosen, showing] = await Promise.all([met, bobSession.invitations.greetUser(token)]);
    expect(chosen.greeterSasChoices).toContain(showing.greeterSas);
    await showing.cancel();
    await bobSession.close();
  });
});
