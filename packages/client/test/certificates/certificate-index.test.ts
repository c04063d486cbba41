import { ready } from "@parsec/crypto";
import { loadTrustedCertificate, type SignedCertificate } from "@parsec/types";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { readDump } from "../../../../test/support/organization-dump.ts";
import { CertificateIndex } from "../../src/certificates/certificate-index.ts";
import { certificatesFor, userIdOf } from "../support/dump.ts";

beforeAll(() => ready());

/** Every certificate of a dump that a device of alice knows, in an order in which they may come. */
function certificates(name: string): readonly SignedCertificate[] {
  const dump = readDump(name);
  const batch = certificatesFor(dump.operations, userIdOf(dump, "Alicey"));
  const realms = [...batch.realmCertificates.values()].flat();
  return [...batch.commonCertificates, ...realms, ...batch.shamirRecoveryCertificates].map(
    (signed) => loadTrustedCertificate(signed).value,
  );
}

function indexOf(list: readonly SignedCertificate[]): CertificateIndex {
  const index = new CertificateIndex();
  for (const certificate of list) index.add(certificate);
  return index;
}

/** All that a view answers, as one comparable value. */
function contentOf(index: CertificateIndex): unknown {
  const users = index.users();
  return {
    isEmpty: index.isEmpty,
    last: index.lastTimestamps,
    users,
    byUser: users.map(({ userId }) => [
      index.user(userId),
      index.devicesOf(userId),
      index.updatesOf(userId),
      index.revocationOf(userId),
      index.shamirDeletionsOf(userId),
      index.devicesOf(userId).map(({ deviceId }) => [index.device(deviceId), index.shamirSharesOf(deviceId)]),
    ]),
    byRealm: index
      .realmIds()
      .map((id) => [id, index.realmRoles(id), index.realmNames(id), index.keyRotations(id), index.archivings(id)]),
    briefs: index.shamirBriefs(),
  };
}

test.each(["coolorg_customized.json", "shamir.json", "workspace_archived.json"])(
  "%s: batches on forks give what one batch gives, and no fork changes what it was made from",
  (name) => {
    const all = certificates(name);
    const whole = contentOf(indexOf(all));
    fc.assert(
      fc.property(fc.array(fc.nat(all.length), { maxLength: 6 }), (cuts) => {
        let index = new CertificateIndex();
        let start = 0;
        for (const end of [...cuts.sort((a, b) => a - b), all.length]) {
          const before = contentOf(index);
          const overlay = index.fork();
          for (const certificate of all.slice(start, end)) overlay.add(certificate);
          expect(contentOf(index)).toEqual(before);
          index = overlay;
          start = end;
        }
        expect(contentOf(index)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  },
);

test("an empty index knows nothing", () => {
  expect(contentOf(new CertificateIndex())).toEqual(contentOf(indexOf([])));
  expect(new CertificateIndex().isEmpty).toBe(true);
});
