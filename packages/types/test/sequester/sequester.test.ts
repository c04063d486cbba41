import { ready, SecretKey, SequesterPrivateKey, SequesterSigningKey, SigningKey } from "@parsec/crypto";
import { beforeAll, describe, expect, it } from "vitest";
import * as t from "../../src/index.ts";
import { error } from "../support/errors.ts";

let authority: SequesterSigningKey;
let service: SequesterPrivateKey;
beforeAll(async () => {
  await ready();
  authority = await SequesterSigningKey.generate(1024);
  service = await SequesterPrivateKey.generate(1024);
});

const timestamp = t.DateTime.fromMicros(1_700_000_000_000_001);
const serviceId = t.SequesterServiceId.generate();
const revocation: t.SequesterRevokedServiceCertificate = {
  type: "sequester_revoked_service_certificate",
  timestamp,
  serviceId,
};

describe("sequester", () => {
  it("signs services with the authority's key", async () => {
    const certificate: t.SequesterServiceCertificate = {
      type: "sequester_service_certificate",
      timestamp,
      serviceId,
      serviceLabel: "Auditors",
      encryptionKeyDer: service.publicKey,
    };
    const signed = await t.signSequesterCertificate(authority, certificate);
    const { value } = await t.verifySequesterCertificate(signed, authority.verifyKey);
    expect(value).toMatchObject({ type: certificate.type, serviceId, serviceLabel: "Auditors" });
    expect(t.loadTrustedSequesterCertificate(signed, authority.verifyKey).value).toEqual(value);
  });

  it("calls every bad armor a bad signature", async () => {
    const signed = await t.signSequesterCertificate(authority, revocation);
    const another = (await SequesterSigningKey.generate(1024)).verifyKey;
    await expect(t.verifySequesterCertificate(signed, another)).rejects.toThrow(error("SIGNATURE"));
    const bad = [new Uint8Array(0), Uint8Array.of(58), signed.subarray(0, 60), signed.subarray(1)];
    for (const bytes of bad) {
      await expect(t.verifySequesterCertificate(bytes, authority.verifyKey)).rejects.toThrow(error("SIGNATURE"));
    }
    expect(() => t.loadTrustedSequesterCertificate(signed.subarray(0, 60), authority.verifyKey)).toThrow(
      error("SIGNATURE"),
    );
  });

  it("refuses a service certificate that an Ed25519 key signed", () => {
    const signed = SigningKey.generate().sign(t.dump(t.SequesterRevokedServiceCertificate, revocation));
    expect(() => t.unsecureLoadCertificate(signed)).toThrow(error("BAD_SERIALIZATION"));
  });

  it("gives a service access to a keys bundle", async () => {
    const keysBundleKey = SecretKey.generate();
    const access = await t.sealSequesterKeysBundleAccess(keysBundleKey, service.publicKey);
    expect((await t.openSequesterKeysBundleAccess(access, service)).equals(keysBundleKey)).toBe(true);
    const another = await SequesterPrivateKey.generate(1024);
    await expect(t.openSequesterKeysBundleAccess(access, another)).rejects.toThrow(error("DECRYPTION"));
    for (const bytes of [new Uint8Array(3), access.subarray(0, 50), access.subarray(0, -1)]) {
      await expect(t.openSequesterKeysBundleAccess(bytes, service)).rejects.toThrow(error("DECRYPTION"));
    }
  });
});
