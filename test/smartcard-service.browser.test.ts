import { fromBase64 } from "@parsec/base";
import { createParsec, type EnrollmentIdentity, type Parsec, x509Identity } from "@parsec/client";
import { AnonymousServerConnection, createTransport } from "@parsec/connection";
import {
  keyring,
  memoryDeviceStore,
  memoryKeyring,
  type SmartcardService,
  smartcard,
  smartcardService,
} from "@parsec/device";
import { memoryDriver } from "@parsec/storage";
import { OrganizationId, parseServerHttpUrl } from "@parsec/types";
import { beforeEach, expect, inject, onTestFinished, test } from "vitest";
import { TestbedScws, type TestMachine } from "./support/testbed-scws.ts";

// A page with smart cards, behind the service of its machine: a testbed server plays it, and knows its keys.

const pki = inject("pki");
const url = inject("testbedUrl");
const bridge = new TestbedScws(url);

beforeEach(async () => {
  await fetch(`${url}/testbed/reset`, { method: "POST" });
});

function bytes(base64: string): Uint8Array {
  const decoded = fromBase64(base64);
  if (decoded === undefined) throw new Error("not base64");
  return decoded;
}

const cards = (["alice", "bob"] as const).map((label) => ({
  label,
  certificate: bytes(pki[label].certificate),
  privateKey: bytes(pki[label].privateKey),
}));

async function open(machine: TestMachine): Promise<SmartcardService> {
  const webApplicationCertificate = await bridge.insert(machine);
  const transport = createTransport();
  onTestFinished(() => transport.close());
  const connection = new AnonymousServerConnection({ address: parseServerHttpUrl(url), transport });
  return smartcardService(connection, { bridge, webApplicationCertificate });
}

async function keyOf(service: SmartcardService, label: string) {
  const found = (await service.listCertificates()).find((listed) => listed.label === label);
  if (found === undefined) throw new Error("no such card");
  return service.openKey(found.reference);
}

async function identity(service: SmartcardService, label: string): Promise<EnrollmentIdentity> {
  return x509Identity({ signingKey: await keyOf(service, label), roots: await service.trustAnchors() });
}

async function newParsec(): Promise<Parsec> {
  const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
  onTestFinished(async () => {
    for (const session of parsec.sessions()) await session.close();
    await parsec.close();
  });
  return parsec;
}

test("an enrollment with cards on both sides, and a device that the card opens", async () => {
  const service = await open({ cards, trustAnchors: [bytes(pki.root)] });
  const organizationId = OrganizationId.parse("Cards");
  const link = { ...parseServerHttpUrl(url), kind: "organization_bootstrap", organizationId, token: null } as const;
  const human = { email: "alice@example.com", label: "Alice" };
  const password = keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });
  const alice = await (await newParsec()).bootstrap(link, { human, deviceLabel: "desk", protection: password });

  const page = await newParsec();
  const submitted = { identity: await identity(service, "bob"), deviceLabel: "page" };
  const pending = await page.enrollments.submit(alice.enrollments.links.link, submitted);
  const [request] = await alice.enrollments.list();
  expect(request?.untrustedHumanHandle).toMatchObject({ email: "bob@example.com", label: "Bob Builder" });
  await request?.accept({ identity: await identity(service, "alice"), profile: "STANDARD" });
  await service.close();

  // The page was closed between: the cards are opened anew.
  const again = await open({ cards, trustAnchors: [bytes(pki.root)] });
  const unsaved = await page.enrollments.complete(pending, await identity(again, "bob"));
  const protection = smartcard(await keyOf(again, "bob"));
  const { deviceId } = await unsaved.save(protection);
  const session = await page.login(deviceId, protection);
  await session.refresh();
  expect(session.users.self.humanHandle.email).toBe("bob@example.com");
  await session.close();

  await bridge.insert({ cards: [] });
  await expect(page.login(deviceId, protection)).rejects.toMatchObject({ cause: { code: "PRIVATE_KEY_FAILED" } });
  await again.close();
  expect(await bridge.openEnvironments()).toBe(0);
});

test.each(["IMPOSTOR", "REVOKED", "UNKNOWN", "GREEDY"] as const)(
  "a service that is %s is shown no card's owner",
  async (service) => {
    await expect(open({ service, cards })).rejects.toMatchObject({ code: "SERVICE_UNTRUSTED" });
    expect(await bridge.openEnvironments()).toBe(0);
  },
);
