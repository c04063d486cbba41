import { createParsec, type Parsec, type Session } from "@parsec/client";
import { keyring, memoryDeviceStore, memoryKeyring } from "@parsec/device";
import { memoryDriver } from "@parsec/storage";
import { OrganizationId, parseServerHttpUrl } from "@parsec/types";
import { expect, inject, onTestFinished, test } from "vitest";

// A greeting between a page and a process of Node, each on either side.

const protection = keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });

async function node(path: string, fields: object = {}): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`${inject("greetingUrl")}${path}`, { method: "POST", body: JSON.stringify(fields) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

async function newParsec(): Promise<Parsec> {
  const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
  onTestFinished(async () => {
    for (const session of parsec.sessions()) await session.close();
    await parsec.close();
  });
  return parsec;
}

function the<T>(found: T | undefined): T {
  if (found === undefined) throw new Error("the code is not among the choices");
  return found;
}

test("the page claims, Node greets", async () => {
  const { id, link, email } = await node("/invite");
  const parsec = await newParsec();
  const invitation = await parsec.openInvitation(String(link));
  if (invitation.type !== "USER") throw new Error("another type");
  const choosing = await invitation.meet();
  const { code } = await node("/hear", { id, whose: "greeter" });
  const showing = await choosing.choose(the(choosing.greeterSasChoices.find((choice) => choice === code)));
  await node("/say", { id, whose: "claimer", code: showing.claimerSas });
  const claim = await showing.waitPeerTrust();
  const human = { email: String(email), label: "Page" };
  const device = await claim.claim({ human, deviceLabel: "browser", protection });
  expect((await node("/end", { id }))["users"]).toContainEqual(human);
  const session = await parsec.login(device.deviceId, protection);
  await session.refresh();
  expect(session.users.self.humanHandle).toEqual(human);
});

test("the page greets, Node claims", async () => {
  const organizationId = OrganizationId.parse(`Pages${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`);
  const server = parseServerHttpUrl(inject("serverUrl"));
  const address = { ...server, kind: "organization_bootstrap", organizationId, token: null } as const;
  const human = { email: "alice@example.com", label: "Alice" };
  const alice: Session = await (await newParsec()).bootstrap(address, { human, deviceLabel: "page", protection });

  const { token, link } = await alice.invitations.inviteUser("bob@example.com");
  const { id } = await node("/claim", { link });
  const showing = await alice.invitations.greetUser(token);
  await node("/say", { id, whose: "greeter", code: showing.greeterSas });
  const choosing = await showing.waitPeerTrust();
  const { code } = await node("/hear", { id, whose: "claimer" });
  const trusting = await choosing.choose(the(choosing.claimerSasChoices.find((choice) => choice === code)));
  const request = await trusting.getRequest();
  expect(request.requestedHumanHandle).toEqual({ email: "bob@example.com", label: "Bob" });
  await request.createUser({ profile: "STANDARD" });
  const { userId, deviceId } = await node("/end", { id });
  await alice.refresh();
  const bob = alice.users.list().find(({ humanHandle }) => humanHandle.email === "bob@example.com");
  expect(bob?.id).toBe(userId);
  expect(bob && alice.users.devicesOf(bob.id).map((device) => device.id)).toEqual([deviceId]);
});
