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
import { FakeScws, webApplicationCertificate } from "./support/fake-scws.ts";

// Smart cards in a page: the service of the machine and the page prove themselves to each other, through the server.

const folder = mkdtempSync(join(tmpdir(), "parsec-scws-"));
const transport = createTransport();
let pki: TestPki;
let bridge: FakeScws;
let server: RunningServer;

beforeAll(async () => {
  await ready();
  pki = makePki(folder);
  bridge = new FakeScws();
  server = await startServer({ dev: true, config: { scws: bridge.serverConfig } });
});
beforeEach(() => {
  bridge.keyId = 1;
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
  const alice = await softwareX509Key(pki.certificate, pki.privateKey);
  const card = { id: new Uint8Array([1]), label: "alice", tokenLabel: "card" };
  const nameless = makeLeaf(folder, { name: "nameless", subject: "/O=Nobody" });
  const failing = makeLeaf(folder, { name: "failing", subject: "/CN=Failing" });
  const fails = () => Promise.reject(new Error("the card was taken out"));
  bridge.certificates.push(
    { ...card, certificate: pki.certificate, privateKey: alice },
    { ...card, certificate: nameless.certificate, privateKey: undefined },
    { ...card, certificate: failing.certificate, privateKey: { decrypt: fails, sign: fails } },
    { ...card, certificate: new Uint8Array([1, 2, 3]), privateKey: undefined },
  );
  bridge.anchors = [pki.root];
  const service = await open();
  expect(bridge.isOpen).toBe(true);
  const listed = await service.listCertificates();
  expect(listed).toMatchObject([
    {
      tokenLabel: "card",
      label: "alice",
      details: { commonName: "Alice McAlice" },
      reference: { uri: { id: card.id } },
    },
    { unusable: "NO_COMMON_NAME" },
    { details: { commonName: "Failing" } },
    { unusable: "INVALID_DER", reference: { hash: expect.any(String) } },
  ]);
  expect(await service.trustAnchors()).toEqual([pki.root]);

  const key = await service.openKey(alice.reference);
  const payload = new Uint8Array([1, 2, 3]);
  expect((await key.sign(payload)).length).toBe(256);
  await key.close();
  const [, second, third] = listed;
  if (second === undefined || third === undefined) throw new Error("not listed");
  await expect(service.openKey(second.reference)).rejects.toMatchObject({ code: "PRIVATE_KEY_NOT_FOUND" });
  const unwilling = await service.openKey(third.reference);
  await expect(unwilling.sign(payload)).rejects.toMatchObject({ code: "PRIVATE_KEY_FAILED" });
  await expect(unwilling.decrypt(payload)).rejects.toMatchObject({ code: "PRIVATE_KEY_FAILED" });
  const unknown = makeLeaf(folder, { name: "unknown" });
  const { reference } = await softwareX509Key(unknown.certificate, unknown.privateKey);
  await expect(service.openKey(reference)).rejects.toMatchObject({ code: "CERTIFICATE_NOT_FOUND" });
  await service.close();
  expect(bridge.isOpen).toBe(false);
});

describe("what is not proved is not used", () => {
  test.each([
    ["signed with another key of the maker", 0],
    ["signed with a key that was revoked", 2],
    ["signed with a key that nobody knows", 7],
  ])("a service that has %s", async (_, keyId) => {
    bridge.keyId = keyId;
    await expect(open()).rejects.toMatchObject({ code: "SERVICE_UNTRUSTED" });
    expect(bridge.isOpen).toBe(false);
  });

  test("a service that asks to have more signed than a challenge", async () => {
    const greedy = {
      findService: async (certificate: string, challenge: Uint8Array) => ({
        ...(await bridge.findService(certificate, challenge)),
        challenge: new Uint8Array(300),
      }),
      createEnvironment: bridge.createEnvironment.bind(bridge),
    };
    await expect(open({ bridge: greedy })).rejects.toMatchObject({ code: "SERVICE_UNTRUSTED" });
  });

  test("a page that the service does not know, and a service that is not there", async () => {
    await expect(open({ webApplicationCertificate: "another" })).rejects.toMatchObject({ code: "TOKEN_UNAVAILABLE" });
    const impostor = new FakeScws();
    const pretender = {
      findService: bridge.findService.bind(bridge),
      createEnvironment: impostor.createEnvironment.bind(impostor),
    };
    await expect(open({ bridge: pretender })).rejects.toMatchObject({ code: "TOKEN_UNAVAILABLE" });
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
