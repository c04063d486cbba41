import { ready } from "@parsec/crypto";
import { type RealmRole, VlobId } from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { bytesOf, readDump, rootVerifyKey } from "../../../../test/support/organization-dump.ts";
import { CertificateIndex } from "../../src/certificates/certificate-index.ts";
import { type CertificateBatch, ingest } from "../../src/certificates/ingest.ts";
import { validateCertificate } from "../../src/certificates/validate/certificate.ts";
import { certificatesFor, userIdOf } from "../support/dump.ts";
import { TestOrganization, type TestUser } from "../support/organization.ts";

beforeAll(() => ready());

const nothing: CertificateBatch = {
  commonCertificates: [],
  sequesterCertificates: [],
  shamirRecoveryCertificates: [],
  realmCertificates: new Map(),
};

/** Rules of spec 09a §4 that no vector breaks (spec 13 §11). */
describe("rules that no vector breaks", () => {
  test("the root signs the sequester authority and the first user at one date", async () => {
    const dump = readDump("sequestered.json");
    const index = new CertificateIndex();
    const userId = userIdOf(dump, "Alicey");
    const batch = certificatesFor(dump.operations, userId);
    const beholder = { userId, rootVerifyKey: rootVerifyKey(dump) };
    await ingest(index, { ...nothing, sequesterCertificates: batch.sequesterCertificates.slice(0, 1) }, beholder);
    const organization = new TestOrganization();
    const { user } = organization.newUser("alice", "ADMIN");
    expect(validateCertificate(index, user, null, userId)).toMatchObject({ rule: "ROOT_SIGNATURE_TIMESTAMP_MISMATCH" });
    const authority = index.sequesterAuthority();
    const sameDate = { ...user, timestamp: authority?.timestamp ?? user.timestamp };
    expect(validateCertificate(index, sameDate, null, userId)).toBe(undefined);
  });

  test("the sequester authority comes before everything else", async () => {
    const dump = readDump("sequestered.json");
    const index = new CertificateIndex();
    const userId = userIdOf(dump, "Alicey");
    const batch = certificatesFor(dump.operations, userId);
    const beholder = { userId, rootVerifyKey: rootVerifyKey(dump) };
    await ingest(index, { ...nothing, commonCertificates: batch.commonCertificates.slice(0, 1) }, beholder);
    const late = { ...nothing, sequesterCertificates: batch.sequesterCertificates.slice(0, 1) };
    await expect(ingest(index, late, beholder)).rejects.toMatchObject({
      code: "INVALID_CERTIFICATE",
      violation: { rule: "SEQUESTER_AUTHORITY_MUST_BE_FIRST" },
      certificateType: "sequester_authority_certificate",
    });
  });

  test("a service certificate without authority is read as one, and is corrupted", async () => {
    const dump = readDump("sequestered.json");
    const userId = userIdOf(dump, "Alicey");
    const batch = certificatesFor(dump.operations, userId);
    const services = { ...nothing, sequesterCertificates: batch.sequesterCertificates.slice(1) };
    const beholder = { userId, rootVerifyKey: rootVerifyKey(dump) };
    await expect(ingest(new CertificateIndex(), services, beholder)).rejects.toMatchObject({
      violation: { rule: "CORRUPTED" },
    });
  });

  test("a realm certificate belongs to the realm under which the server gives it", async () => {
    const organization = new TestOrganization();
    const alice = organization.user("alice", "ADMIN");
    const signed = organization.sign(
      {
        type: "realm_role_certificate",
        author: alice.deviceId,
        timestamp: organization.tick(),
        realmId: VlobId.generate(),
        userId: alice.userId,
        role: "OWNER",
      },
      alice.signingKey,
    );
    const batch = { ...nothing, realmCertificates: new Map([[VlobId.generate(), [signed]]]) };
    const beholder = { userId: alice.userId, rootVerifyKey: organization.rootKey.verifyKey };
    await expect(ingest(organization.index, batch, beholder)).rejects.toMatchObject({
      violation: { rule: "CORRUPTED", error: { code: "UNEXPECTED_REALM_ID" } },
    });
  });

  test("every flipped bit of a certificate is noticed", async () => {
    const dump = readDump("minimal.json");
    const userId = userIdOf(dump, "Alicey");
    const first = dump.operations[0]?.["user_certificate"];
    const genuine = bytesOf(first);
    for (let position = 0; position < genuine.length; position += 7) {
      const damaged = Uint8Array.from(genuine);
      damaged[position] = (damaged[position] ?? 0) ^ (1 << (position % 8));
      const batch = { ...nothing, commonCertificates: [damaged] };
      const beholder = { userId, rootVerifyKey: rootVerifyKey(dump) };
      await expect(ingest(new CertificateIndex(), batch, beholder)).rejects.toMatchObject({
        code: "INVALID_CERTIFICATE",
        violation: { rule: "CORRUPTED" },
      });
    }
  });
});

/** Rows of spec 09a §13 about self-promotion: alice owns the realm, bob has a role in it. */
describe("self-promotion", () => {
  function promoteBob(
    role: RealmRole,
    prepare: (organization: TestOrganization, alice: TestUser, admin: TestUser) => void,
  ) {
    const organization = new TestOrganization();
    const alice = organization.user("alice", "ADMIN");
    const admin = organization.user("admin", "ADMIN", alice);
    const bob = organization.user("bob", "STANDARD", alice);
    const realmId = organization.realm(alice);
    organization.role(alice, realmId, bob, role);
    prepare(organization, alice, admin);
    const certificate = {
      type: "realm_role_certificate",
      author: bob.deviceId,
      timestamp: organization.tick(),
      realmId,
      userId: bob.userId,
      role: "OWNER",
    } as const;
    return validateCertificate(organization.index, certificate, bob.device, bob.userId)?.rule;
  }

  test("a MANAGER, all owners revoked", () => {
    const prepare = (organization: TestOrganization, alice: TestUser, admin: TestUser) =>
      organization.revoke(admin, alice);
    expect(promoteBob("MANAGER", prepare)).toBe(undefined);
  });

  test("a READER below an OWNER who became OUTSIDER", () => {
    const prepare = (organization: TestOrganization, alice: TestUser, admin: TestUser) =>
      organization.profile(admin, alice, "OUTSIDER");
    expect(promoteBob("READER", prepare)).toBe(undefined);
  });

  test("a CONTRIBUTOR below an active OWNER", () => {
    expect(promoteBob("CONTRIBUTOR", () => undefined)).toBe("REALM_SELF_PROMOTION_HIGHER_ACTIVE_ROLE_ALREADY_EXISTS");
  });
});
