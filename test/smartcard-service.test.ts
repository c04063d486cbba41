import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AnonymousServerConnection, createTransport } from "@parsec/connection";
import { ready } from "@parsec/crypto";
import { type SmartcardServiceOptions, smartcardService, softwareX509Key } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { parseServerHttpUrl } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { makeLeaf, makePki, type TestPki } from "../packages/device/test/support/test-pki.ts";
import { idOf, TestbedScws } from "./support/testbed-scws.ts";

// Smart cards in a page: the service of the machine and the page prove themselves to each other, through the server.

const folder = mkdtempSync(join(tmpdir(), "parsec-scws-"));
const transport = createTransport();
let pki: TestPki;
let server: RunningServer;
let bridge: TestbedScws;
let webApplicationCertificate: string;

beforeAll(async () => {
  await ready();
  pki = makePki(folder);
  server = await startServer({ testbed: true });
  bridge = new TestbedScws(server.url);
});
beforeEach(async () => {
  await fetch(`${server.url}/testbed/reset`, { method: "POST" });
  webApplicationCertificate = await bridge.insert({ cards: [] });
});
afterAll(async () => {
  await transport.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

function open(options: Partial<SmartcardServiceOptions> = {}, url = server.url) {
  const connection = new AnonymousServerConnection({ address: parseServerHttpUrl(url), transport });
  return smartcardService(connection, { bridge, webApplicationCertificate, ...options });
}

test("the cards are listed, and their keys are keys like any others", async () => {
  const { certificate, privateKey } = pki;
  const root = Uint8Array.from(pki.root);
  const alice = await softwareX509Key(certificate, privateKey);
  const nameless = makeLeaf(folder, { name: "nameless", subject: "/O=Nobody" });
  const broken = makeLeaf(folder, { name: "broken", subject: "/CN=Broken" });
  const cards = [
    { label: "alice", certificate, privateKey },
    { label: "nameless", certificate: nameless.certificate, privateKey: null },
    { label: "broken", certificate: broken.certificate, privateKey: new Uint8Array([1, 2, 3]) },
    { label: "garbage", certificate: new Uint8Array([1, 2, 3]), privateKey: null },
  ];
  await bridge.insert({ cards, trustAnchors: [root] });
  const service = await open();
  expect(await bridge.openEnvironments()).toBe(1);
  const listed = await service.listCertificates();
  expect(listed).toMatchObject([
    {
      tokenLabel: "card",
      label: "alice",
      details: { commonName: "Alice McAlice" },
      reference: { uri: { id: idOf("alice") } },
    },
    { unusable: "NO_COMMON_NAME" },
    { details: { commonName: "Broken" } },
    { unusable: "INVALID_DER", reference: { hash: expect.any(String) } },
  ]);
  expect(await service.trustAnchors()).toEqual([root]);

  const key = await service.openKey(alice.reference);
  const payload = new Uint8Array([1, 2, 3]);
  expect((await key.sign(payload)).length).toBe(256);
  const [, second, third] = listed;
  if (second === undefined || third === undefined) throw new Error("not listed");
  await expect(service.openKey(second.reference)).rejects.toMatchObject({ code: "PRIVATE_KEY_NOT_FOUND" });
  const unwilling = await service.openKey(third.reference);
  await expect(unwilling.sign(payload)).rejects.toMatchObject({ code: "PRIVATE_KEY_FAILED" });
  await expect(unwilling.decrypt(payload)).rejects.toMatchObject({ code: "PRIVATE_KEY_FAILED" });

  await bridge.insert({ cards: [] });
  await expect(key.sign(payload)).rejects.toMatchObject({ code: "PRIVATE_KEY_FAILED" });
  await expect(service.openKey(alice.reference)).rejects.toMatchObject({ code: "CERTIFICATE_NOT_FOUND" });
  await key.close();
  await service.close();
  expect(await bridge.openEnvironments()).toBe(0);
  await expect(service.listCertificates()).rejects.toMatchObject({ code: "TOKEN_UNAVAILABLE" });
});

describe("what is not proved is not used", () => {
  test.each([
    ["signed with another key of the maker", "IMPOSTOR"],
    ["signed with a key that was revoked", "REVOKED"],
    ["signed with a key that nobody knows", "UNKNOWN"],
    ["asked to have more signed than a challenge", "GREEDY"],
  ] as const)("a service that has %s", async (_, service) => {
    await bridge.insert({ service, cards: [] });
    await expect(open()).rejects.toMatchObject({ code: "SERVICE_UNTRUSTED" });
    expect(await bridge.openEnvironments()).toBe(0);
  });

  test("a page that the service does not know, and a service that is not there", async () => {
    await expect(open({ webApplicationCertificate: "another" })).rejects.toMatchObject({ code: "TOKEN_UNAVAILABLE" });
    await fetch(`${server.url}/testbed/reset`, { method: "POST" });
    await expect(open()).rejects.toMatchObject({ code: "TOKEN_UNAVAILABLE" });
  });

  test("a page whose server has another key than the web application's", async () => {
    const other = await startServer({ testbed: true });
    onTestFinished(() => other.close());
    const pretender = new TestbedScws(other.url);
    await pretender.insert({ cards: [] });
    const mixed = {
      findService: bridge.findService.bind(bridge),
      createEnvironment: pretender.createEnvironment.bind(pretender),
    };
    await expect(open({ bridge: mixed })).rejects.toMatchObject({ code: "TOKEN_UNAVAILABLE" });
    expect(await pretender.openEnvironments()).toBe(0);
  });

  test("a signature that was used once", async () => {
    const signatures: Uint8Array[] = [];
    const overhearing = {
      findService: bridge.findService.bind(bridge),
      createEnvironment: (signature: Uint8Array) => {
        signatures.push(signature);
        return bridge.createEnvironment(signature);
      },
    };
    await (await open({ bridge: overhearing })).close();
    const [overheard] = signatures;
    if (overheard === undefined) throw new Error("nothing was signed");
    await expect(bridge.createEnvironment(overheard)).rejects.toThrow("not_signed");
  });

  test("a server that knows of none", async () => {
    const without = await startServer({ dev: true });
    onTestFinished(() => without.close());
    await expect(open({}, without.url)).rejects.toMatchObject({ code: "TOKEN_UNAVAILABLE" });
  });

  test("an abort ends the wait for a service that does not answer", async () => {
    const silent = {
      findService: () => new Promise<never>(() => undefined),
      createEnvironment: () => new Promise<never>(() => undefined),
    };
    const abort = new AbortController();
    const opening = open({ bridge: silent, signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(opening).rejects.toThrow("enough");
  });
});
