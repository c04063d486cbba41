import { createParsec, type Session } from "@parsec/client";
import { ready } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import {
  applyOperations,
  type LoadedOrganization,
  loadDump,
  localDevice,
  readDump,
} from "../support/organization-dump.ts";

const dump = readDump("coolorg.json");
let server: RunningServer;

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

async function setUp(sync: "auto" | "manual" = "manual") {
  const organization = await loadDump(server.url, dump);
  const login = async (label: string): Promise<Session> => {
    const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync });
    onTestFinished(() => parsec.close());
    const session = await parsec.login(localDevice(dump, label, organization));
    onTestFinished(() => session.close());
    return session;
  };
  return { organization, login };
}

/** Terms that everybody has to accept, as the administrator of the server sets them. */
function setTerms(
  organization: LoadedOrganization,
  timestamp: number,
  tos: Readonly<Record<string, string>> | null = { en: "https://example.com/tos" },
): Promise<void> {
  return applyOperations(organization, [{ op: "organization_update", timestamp, tos }]);
}

test("how much is kept, and since when", async () => {
  const { login } = await setUp();
  const alice = await login("Alicey");
  expect(await alice.organization.usage()).toEqual({ blockBytes: 0, metadataBytes: 663 });
  expect(await alice.organization.bootstrappedOn()).toBe(946_771_200_000_000);
  expect(await (await login("Malloryy")).organization.bootstrappedOn()).toBe(946_771_200_000_000);
});

test("who is frozen, told to an ADMIN only", async () => {
  const { organization, login } = await setUp();
  const [alice, bob] = [await login("Alicey"), await login("Boby")];
  expect(await alice.organization.frozenUsers()).toEqual([]);
  await applyOperations(organization, [{ op: "user_freeze", user_id: bob.userId, frozen: true }]);
  expect(await alice.organization.frozenUsers()).toEqual([bob.userId]);
  await expect(bob.refresh()).rejects.toMatchObject({ code: "USER_FROZEN" });
  await applyOperations(organization, [{ op: "user_freeze", user_id: bob.userId, frozen: false }]);
  await expect(bob.organization.frozenUsers()).rejects.toMatchObject({ code: "AUTHOR_NOT_ALLOWED" });
});

test("terms of service: nothing works before they are accepted", async () => {
  const { organization, login } = await setUp();
  const alice = await login("Alicey");
  expect(await alice.organization.termsOfService()).toBe(undefined);
  await setTerms(organization, 950_000_000_000_000);
  await expect(alice.refresh()).rejects.toMatchObject({ code: "USER_MUST_ACCEPT_TOS" });
  const terms = await alice.organization.termsOfService();
  if (terms === undefined) throw new Error("there are terms");
  expect([...terms.perLocaleUrls]).toEqual([["en", "https://example.com/tos"]]);
  await setTerms(organization, 950_000_000_000_001);
  await expect(alice.organization.acceptTermsOfService(terms)).rejects.toMatchObject({
    code: "TERMS_OF_SERVICE_CHANGED",
  });
  await alice.organization.acceptTermsOfService((await alice.organization.termsOfService()) ?? terms);
  await alice.refresh();

  await setTerms(organization, 950_000_000_000_002, null);
  await expect(alice.organization.acceptTermsOfService(terms)).rejects.toMatchObject({ code: "NO_TERMS_OF_SERVICE" });
  await alice.refresh();
});

test("the configuration comes with the connection", async () => {
  const { login } = await setUp("auto");
  const alice = await login("Alicey");
  for await (const { type } of alice.events) if (type === "organization_config") break;
  expect(alice.organization.config).toEqual({
    activeUsersLimit: null,
    userProfileOutsiderAllowed: true,
    realmMinimumArchivingPeriodBeforeDeletion: 30 * 86_400,
  });
});
