import { existsSync } from "node:fs";
import { AnonymousServerConnection } from "@parsec/connection";
import {
  openTokenKey,
  smartcardService,
  webCryptoX509Key,
  type X509Key,
  x509CertificateReference,
} from "@parsec/device";
import { parseServerHttpUrl } from "@parsec/types";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeSoftToken, softTokenLibrary } from "../packages/device/test/support/soft-token.ts";
import { EnrollmentWorld, newcomer, newProtection, onlyRequestOf, submitTo } from "./support/enrollment-world.ts";
import { TestbedScws } from "./support/testbed-scws.ts";
import { importWebCryptoKeys } from "./support/webcrypto-keys.ts";

// Enrollment with keys that never leave where they are: on a card, in a browser, behind a smart card service.

const pin = "123456";
const hasToken = existsSync(softTokenLibrary);
let world: EnrollmentWorld;

beforeAll(async () => {
  world = await EnrollmentWorld.start();
  if (!hasToken) return;
  const certificates = { alice: "a1", bob: "b0" };
  await makeSoftToken(world.pki.folder, { label: "Bob card", pin, keys: { bob: "b0" }, certificates });
});
afterAll(() => world.close());

const kinds: Readonly<Record<string, () => Promise<X509Key>>> = {
  ...(hasToken
    ? {
        "on a token (SoftHSM)": async () => {
          const reference = await x509CertificateReference(world.bobKey.certificate);
          return openTokenKey({ library: softTokenLibrary, pin, reference });
        },
      }
    : {}),
  "of WebCrypto, that cannot be extracted": async () =>
    webCryptoX509Key(world.bobKey.certificate, await importWebCryptoKeys(world.privateKeyOf("bob"))),
  "behind a smart card service": async () => {
    const bridge = new TestbedScws(world.server.url);
    const { certificate } = world.bobKey;
    const card = { label: "bob", certificate, privateKey: world.privateKeyOf("bob") };
    const webApplicationCertificate = await bridge.insert({ cards: [card] });
    const address = parseServerHttpUrl(world.server.url);
    const connection = new AnonymousServerConnection({ address, transport: world.transport });
    const service = await smartcardService(connection, { bridge, webApplicationCertificate });
    return service.openKey(world.bobKey.reference);
  },
};

test.each(Object.entries(kinds))("with a key %s, from the request to the first login", async (_, openKey) => {
  const admin = await world.newAdmin();
  const bob = await newcomer();
  const first = await openKey();
  const pending = await submitTo(admin, bob, world.certified(first));
  await first.close();
  const request = await onlyRequestOf(admin);
  expect(request.untrustedHumanHandle).toMatchObject({ email: "bob@example.com", label: "Bob Builder" });
  await request.accept({ identity: world.certified(world.adminKey), profile: "STANDARD" });

  const again = await openKey();
  const unsaved = await bob.parsec.enrollments.complete(pending, world.certified(again));
  const protection = newProtection();
  const { deviceId } = await unsaved.save(protection);
  await again.close();
  const session = await bob.parsec.login(deviceId, protection);
  await session.refresh();
  expect(session.users.list().map(({ humanHandle }) => humanHandle.email)).toEqual([
    "admin@example.com",
    "bob@example.com",
  ]);
  await session.close();
});
