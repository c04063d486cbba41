import { readdirSync, readFileSync } from "node:fs";
import { fromBase64, systemClock } from "@parsec/base";
import { SigningKey } from "@parsec/crypto";
import { certificateGet } from "@parsec/protocol";
import { DateTime, DeviceId } from "@parsec/types";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import { expectStatus } from "../../conformance/support/organization.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";
import { createStrictStore } from "../support/stores.ts";

const folder = new URL("../../../../test/vectors/organizations/", import.meta.url);

interface SeenCertificates {
  readonly common: number;
  readonly sequester: number;
  readonly shamir_recovery: number;
  readonly realms: Readonly<Record<string, number>>;
}

interface Dump {
  readonly keys: {
    readonly devices: readonly { readonly device_id: string; readonly user_id: string; readonly signing_key: string }[];
  };
  readonly expected: {
    readonly statistics: Readonly<Record<string, unknown>>;
    readonly certificates_seen_by: Readonly<Record<string, SeenCertificates>>;
  };
}

let server: RunningServer;
let target: Target;
beforeAll(async () => {
  server = await startTestServer({ testbed: true, store: await createStrictStore() });
  target = await Target.connect(server.url, server.administrationToken);
});
afterAll(() => server.close());

test.each(readdirSync(folder))("%s: statistics, and what each user sees", async (name) => {
  const dump = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Dump;
  const loaded = await fetch(`${server.url}/testbed/organizations`, { method: "POST", body: JSON.stringify({ dump }) });
  const { organization_id: organizationId } = (await loaded.json()) as { readonly organization_id: string };
  const { json } = await target.administrate("GET", `/organizations/${organizationId}/stats`);
  expect(json).toEqual(dump.expected.statistics);

  for (const [userId, expected] of Object.entries(dump.expected.certificates_seen_by)) {
    const device = dump.keys.devices.find(({ user_id }) => user_id === userId);
    if (device === undefined) continue;
    const sender = {
      kind: "device",
      deviceId: DeviceId.parse(device.device_id) ?? DeviceId.generate(),
      signingKey: SigningKey.fromBytes(fromBase64(device.signing_key) ?? new Uint8Array()),
    } as const;
    const everything = { commonAfter: null, sequesterAfter: null, shamirRecoveryAfter: null, realmAfter: new Map() };
    const options = { organizationId, now: DateTime.now(systemClock) };
    const request = target.client.send(certificateGet, sender, everything, options);
    const reply = await request.catch((error: { readonly status: number }) => error.status);
    // Revoked and frozen users are told nothing any more.
    if (typeof reply === "number") {
      expect([461, 462]).toContain(reply);
      continue;
    }
    expectStatus(reply, "ok");
    const seen = {
      common: reply.commonCertificates.length,
      sequester: reply.sequesterCertificates.length,
      shamir_recovery: reply.shamirRecoveryCertificates.length,
      realms: Object.fromEntries([...reply.realmCertificates].map(([realm, list]) => [realm, list.length])),
    };
    const { common, sequester, shamir_recovery, realms } = expected;
    expect(seen, userId).toEqual({ common, sequester, shamir_recovery, realms });
  }
});
