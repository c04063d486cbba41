import { fromBase64 } from "@parsec/base";
import { createParsec, type EnrollmentIdentity, type Parsec, x509Identity } from "@parsec/client";
import { keyring, memoryDeviceStore, memoryKeyring, webCryptoX509Key } from "@parsec/device";
import { memoryDriver } from "@parsec/storage";
import { OrganizationId, parseServerHttpUrl } from "@parsec/types";
import { expect, inject, onTestFinished, test } from "vitest";
import { importWebCryptoKeys } from "./support/webcrypto-keys.ts";

// In a page, both sides are known by keys that the browser keeps and gives to nobody.

const pki = inject("pki");

function bytes(base64: string): Uint8Array {
  const decoded = fromBase64(base64);
  if (decoded === undefined) throw new Error("not base64");
  return decoded;
}

async function identity(person: "alice" | "bob"): Promise<EnrollmentIdentity> {
  const { certificate, privateKey } = pki[person];
  const keys = await importWebCryptoKeys(bytes(privateKey));
  expect(keys.sign.extractable || keys.decrypt.extractable).toBe(false);
  const signingKey = await webCryptoX509Key(bytes(certificate), keys);
  return x509Identity({ signingKey, roots: [bytes(pki.root)] });
}

async function newParsec(): Promise<Parsec> {
  const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
  onTestFinished(async () => {
    for (const session of parsec.sessions()) await session.close();
    await parsec.close();
  });
  return parsec;
}

test("from the request to the first login", async () => {
  const organizationId = OrganizationId.parse(`Pki${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`);
  const server = parseServerHttpUrl(inject("serverUrl"));
  const link = { ...server, kind: "organization_bootstrap", organizationId, token: null } as const;
  const human = { email: "alice@example.com", label: "Alice" };
  const protection = keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });
  const alice = await (await newParsec()).bootstrap(link, { human, deviceLabel: "desk", protection });

  const page = await newParsec();
  const bob = await identity("bob");
  const pending = await page.enrollments.submit(alice.enrollments.links.link, { identity: bob, deviceLabel: "page" });
  const [request] = await alice.enrollments.list();
  expect(request?.untrustedHumanHandle).toMatchObject({ email: "bob@example.com", label: "Bob Builder" });
  await request?.accept({ identity: await identity("alice"), profile: "STANDARD" });
  const { deviceId } = await (await page.enrollments.complete(pending, await identity("bob"))).save(protection);
  const session = await page.login(deviceId, protection);
  await session.refresh();
  expect(session.users.self.humanHandle.email).toBe("bob@example.com");
});

test("a key that is not the certificate's, or not for the use, is refused", async () => {
  const [alice, bob] = [pki.alice, pki.bob];
  const keys = await importWebCryptoKeys(bytes(alice.privateKey));
  const certificate = bytes(bob.certificate);
  await expect(webCryptoX509Key(certificate, keys)).rejects.toMatchObject({ code: "PRIVATE_KEY_NOT_FOUND" });
  await expect(webCryptoX509Key(certificate, { sign: keys.sign })).rejects.toMatchObject({
    code: "PRIVATE_KEY_NOT_FOUND",
  });
  await expect(webCryptoX509Key(certificate, { sign: keys.decrypt })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
  const signOnly = await webCryptoX509Key(bytes(alice.certificate), { sign: keys.sign });
  await expect(signOnly.decrypt(new Uint8Array(256))).rejects.toMatchObject({ code: "PRIVATE_KEY_FAILED" });
  expect((await signOnly.sign(new Uint8Array(3))).length).toBe(256);
});
