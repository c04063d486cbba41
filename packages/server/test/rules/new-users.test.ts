import { PrivateKey, ready, SequesterSigningKey, SigningKey } from "@parsec/crypto";
import { deviceCreate, organizationBootstrap, organizationInfo, userCreate } from "@parsec/protocol";
import { DateTime, DeviceId, DeviceLabel, HumanHandle, signCertificate, UserId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import {
  type CertificateChanges,
  deviceCertificates,
  freshActor,
  freshHandle,
  userCertificates,
} from "../../conformance/support/actor.ts";
import { expectStatus, type TestOrganization } from "../../conformance/support/organization.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";
import { createStrictStore } from "../support/stores.ts";

let server: RunningServer;
let target: Target;
let org: TestOrganization;
beforeAll(async () => {
  await ready();
  server = await startTestServer({ dev: true, store: await createStrictStore() });
  target = await Target.connect(server.url, server.administrationToken);
  org = await target.organization();
});
afterAll(() => server.close());

/** One field of a twin that differs from the full certificate: the function is called with keys at hand. */
const twins: readonly (readonly [string, () => CertificateChanges])[] = [
  ["the redacted user's handle", () => ({ redactedUser: { humanHandle: freshHandle() } })],
  ["the redacted user's author", () => ({ redactedUser: { author: DeviceId.generate() } })],
  ["the redacted user's date", () => ({ redactedUser: { timestamp: org.now() } })],
  ["the redacted user's id", () => ({ redactedUser: { userId: UserId.generate() } })],
  ["the redacted user's key", () => ({ redactedUser: { publicKey: PrivateKey.generate().publicKey } })],
  ["the redacted user's profile", () => ({ redactedUser: { profile: "ADMIN" } })],
  ["the redacted device's label", () => ({ redactedDevice: { deviceLabel: DeviceLabel.parse("x") } })],
  ["the redacted device's author", () => ({ redactedDevice: { author: DeviceId.generate() } })],
  ["the redacted device's date", () => ({ redactedDevice: { timestamp: org.now() } })],
  ["the redacted device's purpose", () => ({ redactedDevice: { purpose: "REGISTRATION" } })],
  ["the redacted device's user", () => ({ redactedDevice: { userId: UserId.generate() } })],
  ["the redacted device's id", () => ({ redactedDevice: { deviceId: DeviceId.generate() } })],
  ["the redacted device's key", () => ({ redactedDevice: { verifyKey: SigningKey.generate().verifyKey } })],
];

describe("certificates that do not belong together", () => {
  test.each([
    ...twins,
    ["the user's author", () => ({ user: { author: DeviceId.generate() }, redactedUser: {} })],
    ["the device's author", () => ({ device: { author: DeviceId.generate() } })],
    ["the device's date", () => ({ device: { timestamp: org.now() } })],
    ["the device's user", () => ({ device: { userId: UserId.generate() } })],
  ] as const)("user_create: %s", async (_name, changes) => {
    const certificates = userCertificates(
      freshActor(),
      org.signer(org.alice),
      { timestamp: org.now(), profile: "STANDARD" },
      changes(),
    );
    expectStatus(await org.send(org.alice, userCreate, certificates), "invalid_certificate");
  });

  test.each(twins.filter(([name]) => name.includes("device")))("device_create: %s", async (_name, changes) => {
    const { alice } = org;
    const actor = freshActor(alice.handle, alice.userId);
    const { device, redacted } = deviceCertificates(actor, org.signer(alice), org.now(), changes());
    const fields = { deviceCertificate: device, redactedDeviceCertificate: redacted };
    expectStatus(await org.send(alice, deviceCreate, fields), "invalid_certificate");
  });

  test("each of the four is signed by the author", async () => {
    const signer = org.signer(org.alice);
    const options = { timestamp: org.now(), profile: "STANDARD" } as const;
    const actor = freshActor();
    const good = userCertificates(actor, signer, options);
    const forged = userCertificates(actor, { ...signer, key: SigningKey.generate() }, options);
    for (const name of Object.keys(good) as (keyof typeof good)[]) {
      const fields = { ...good, [name]: forged[name] };
      expectStatus(await org.send(org.alice, userCreate, fields), "invalid_certificate");
    }
  });
});

test("ids are free in the whole organization, e-mails among those who are not revoked", async () => {
  const bob = await org.addUser();
  const create = async (actor = freshActor()) => {
    const options = { timestamp: org.now(), profile: "STANDARD" } as const;
    return (await org.send(org.alice, userCreate, userCertificates(actor, org.signer(org.alice), options))).status;
  };
  expect(await create({ ...freshActor(), deviceId: bob.deviceId })).toBe("user_already_exists");
  expect(await create({ ...freshActor(), userId: bob.userId })).toBe("user_already_exists");
  expect(await create({ ...freshActor(), handle: bob.handle })).toBe("human_handle_already_taken");
  await org.revoke(bob);
  expect(await create({ ...freshActor(), handle: bob.handle })).toBe("ok");
  expect(await create({ ...freshActor(), userId: bob.userId })).toBe("user_already_exists");
});

test("the limit counts the active users, whatever their profile, and none means none", async () => {
  const limited = await target.organization({ active_users_limit: 3 });
  const create = async (profile: "ADMIN" | "OUTSIDER") => {
    const options = { timestamp: limited.now(), profile } as const;
    const certificates = userCertificates(freshActor(), limited.signer(limited.alice), options);
    return (await limited.send(limited.alice, userCreate, certificates)).status;
  };
  const bob = await limited.addUser();
  expect([await create("OUTSIDER"), await create("OUTSIDER")]).toEqual(["ok", "active_users_limit_reached"]);
  await limited.revoke(bob);
  expect([await create("ADMIN"), await create("ADMIN")]).toEqual(["ok", "active_users_limit_reached"]);
  await target.updateOrganization(limited, { active_users_limit: null });
  expect(await create("ADMIN")).toBe("ok");
  await target.updateOrganization(limited, { active_users_limit: 0 });
  expect(await create("ADMIN")).toBe("active_users_limit_reached");
});

test("somebody who comes back under the same e-mail keeps the label that was known first", async () => {
  const bob = await org.addUser();
  await org.revoke(bob);
  await org.addUser("STANDARD", { ...freshActor(), handle: HumanHandle.parse(bob.handle.email, "Robert") });
  const { json } = await target.administrate("GET", `/organizations/${org.id}/users`);
  const { users } = json as { readonly users: readonly { user_email: string; user_name: string }[] };
  expect(users.filter(({ user_email }) => user_email === bob.handle.email)).toMatchObject([
    { user_name: bob.handle.label },
  ]);
});

describe("organization_bootstrap", () => {
  test("the authority of a sequestered organization is certified by the root key, at the date of the user", async () => {
    const key = await SequesterSigningKey.generate(2048);
    const fresh = await target.newOrganization({}, key);
    const timestamp = fresh.now();
    const attempt = async (sequesterAuthorityCertificate: Uint8Array, at = timestamp) =>
      (
        await fresh.sendAnonymously(organizationBootstrap, {
          ...fresh.bootstrapFields({ timestamp: at }),
          sequesterAuthorityCertificate,
        })
      ).status;
    expect(await attempt(new Uint8Array([1]))).toBe("invalid_certificate");
    const forged = { type: "sequester_authority_certificate", timestamp, verifyKeyDer: key.verifyKey } as const;
    expect(await attempt(signCertificate(SigningKey.generate(), forged))).toBe("invalid_certificate");
    const other = DateTime.fromMicros(timestamp + 1);
    expect(await attempt(fresh.authorityCertificate(key, other))).toBe("invalid_certificate");
    const longAgo = DateTime.fromMicros(timestamp - 1e9);
    expect(await attempt(fresh.authorityCertificate(key, longAgo))).toBe("timestamp_out_of_ballpark");
    expect(await attempt(fresh.authorityCertificate(key, timestamp))).toBe("ok");
    expectStatus(await fresh.send(fresh.alice, organizationInfo, {}), "ok");
  });

  test("needs the token that the organization was created with last", async () => {
    const fresh = await target.newOrganization();
    const again = await target.administrate("POST", "/organizations", { organization_id: fresh.id });
    expect(again.status).toBe(200);
    const fields = fresh.bootstrapFields();
    expectStatus(await fresh.sendAnonymously(organizationBootstrap, fields), "invalid_bootstrap_token");
    expectStatus(
      await fresh.sendAnonymously(organizationBootstrap, { ...fields, bootstrapToken: null }),
      "invalid_bootstrap_token",
    );
    const { status } = await target.administrate("POST", "/organizations", { organization_id: org.id });
    expect(status).toBe(400);
  });
});
