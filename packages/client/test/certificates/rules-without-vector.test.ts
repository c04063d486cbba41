import { ready } from "@parsec/crypto";
import { DateTime, type RealmRole, type SignedCertificate, VlobId } from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { bytesOf, readDump, rootVerifyKey } from "../../../../test/support/organization-dump.ts";
import { CertificateIndex } from "../../src/certificates/certificate-index.ts";
import { type CertificateBatch, ingest } from "../../src/certificates/ingest.ts";
import { validateCertificate } from "../../src/certificates/validate/certificate.ts";
import { brief, type Fields, Stage, share } from "../support/certificates.ts";
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

  test("a device signs from the very microsecond in which it was made", async () => {
    const organization = new TestOrganization();
    const alice = organization.user("alice", "ADMIN");
    const beholder = { userId: alice.userId, rootVerifyKey: organization.rootKey.verifyKey };
    const realmId = VlobId.generate();
    const ingestAt = (timestamp: DateTime) => {
      const role = { type: "realm_role_certificate", realmId, userId: alice.userId, role: "OWNER" } as const;
      const signed = organization.sign({ ...role, author: alice.deviceId, timestamp }, alice.signingKey);
      return ingest(
        organization.index.fork(),
        { ...nothing, realmCertificates: new Map([[realmId, [signed]]]) },
        beholder,
      );
    };
    expect(await ingestAt(alice.device.timestamp)).toHaveLength(1);
    await expect(ingestAt(DateTime.fromMicros(alice.device.timestamp - 1))).rejects.toMatchObject({
      violation: { rule: "OLDER_THAN_AUTHOR", authorCreatedOn: alice.device.timestamp },
    });
  });

  test("our share of a setup comes at once after its brief, in the same batch", async () => {
    const stage = new Stage();
    const { alice, bob, carl } = stage;
    const signed = ({ deviceId, signingKey }: TestUser, micros: number, fields: Fields) =>
      stage.organization.sign(stage.dated(deviceId, micros, fields) as SignedCertificate, signingKey);
    const beholder = { userId: alice.userId, rootVerifyKey: stage.organization.rootKey.verifyKey };
    const ofBob = [signed(bob, 1, brief(bob, [[alice, 1]])), signed(bob, 1, share(bob, alice))] as const;
    const ofCarl = [signed(carl, 2, brief(carl, [[alice, 1]])), signed(carl, 2, share(carl, alice))] as const;
    const take = (...shamirRecoveryCertificates: readonly Uint8Array[]) =>
      ingest(stage.index.fork(), { ...nothing, shamirRecoveryCertificates }, beholder);
    expect(await take(...ofBob, ...ofCarl)).toHaveLength(4);
    const missing = { violation: { rule: "SHAMIR_RECOVERY_MISSING_SHARE" } };
    for (const batch of [[ofBob[0]], [ofBob[0], ...ofCarl], [...ofBob, ofCarl[0]]]) {
      await expect(take(...batch)).rejects.toMatchObject(missing);
    }
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
