import { certificateGet } from "@parsec/protocol";
import type { DateTime, VlobId } from "@parsec/types";
import { lastTimestamp } from "../../rules/timestamp.ts";
import { authenticated } from "../handler.ts";
import type { AuthorScope } from "../scope.ts";

/** `priority` orders certificates of the same date: a user comes before its first device. */
interface Dated {
  readonly timestamp: DateTime;
  readonly priority?: number;
  readonly certificate: Uint8Array;
}

/** Spec 08b §5.1. */
export const certificateGetHandler = authenticated(certificateGet).inTransaction(async (scope, request) => {
  const realmCertificates = new Map<VlobId, readonly Uint8Array[]>();
  for (const [realmId, certificates] of await realms(scope, request.realmAfter)) {
    const news = after(certificates, request.realmAfter.get(realmId) ?? null);
    if (news.length > 0) realmCertificates.set(realmId, news);
  }
  return {
    status: "ok",
    commonCertificates: after(await common(scope, request.commonAfter), request.commonAfter),
    sequesterCertificates: after(await sequester(scope), request.sequesterAfter),
    shamirRecoveryCertificates: after(await shamir(scope), request.shamirRecoveryAfter),
    realmCertificates,
  };
});

function after(certificates: readonly Dated[], date: DateTime | null): readonly Uint8Array[] {
  return certificates
    .filter(({ timestamp }) => date === null || timestamp > date)
    .sort((a, b) => a.timestamp - b.timestamp || (a.priority ?? 0) - (b.priority ?? 0))
    .map(({ certificate }) => certificate);
}

/** Outsiders get the redacted form of users and devices. */
async function common({ tx, organizationId, author }: AuthorScope, since: DateTime | null): Promise<readonly Dated[]> {
  const redacted = author.user.currentProfile === "OUTSIDER";
  const users = await tx.users.list(organizationId, since);
  const devices = await tx.users.devices(organizationId, since);
  const updates = await tx.users.profileUpdates(organizationId, since);
  const shown = (row: { readonly certificate: Uint8Array; readonly redactedCertificate: Uint8Array }) =>
    redacted ? row.redactedCertificate : row.certificate;
  return [
    ...users.map((row) => ({ timestamp: row.createdOn, priority: 0, certificate: shown(row) })),
    ...devices.map((row) => ({ timestamp: row.createdOn, priority: 1, certificate: shown(row) })),
    ...updates.map((row) => ({ timestamp: row.certifiedOn, priority: 1, certificate: row.certificate })),
    ...users.flatMap(({ revocation }) =>
      revocation === null ? [] : [{ timestamp: revocation.on, priority: 1, certificate: revocation.certificate }],
    ),
  ];
}

async function sequester({ tx, organizationId, organization }: AuthorScope): Promise<readonly Dated[]> {
  const { bootstrap } = organization;
  if (bootstrap === null || bootstrap.sequesterAuthority === null) return [];
  const services = await tx.sequester.list(organizationId);
  return [
    { timestamp: bootstrap.on, certificate: bootstrap.sequesterAuthority.certificate },
    ...services.map((row) => ({ timestamp: row.createdOn, certificate: row.certificate })),
    ...services.flatMap(({ revocation }) =>
      revocation === null ? [] : [{ timestamp: revocation.on, certificate: revocation.certificate }],
    ),
  ];
}

/** A realm that the author has left is seen as it was then. */
async function realms(
  { tx, organizationId, author }: AuthorScope,
  since: ReadonlyMap<VlobId, DateTime>,
): Promise<ReadonlyMap<VlobId, readonly Dated[]>> {
  const left = new Map<VlobId, DateTime | null>();
  for (const row of await tx.realms.rolesOfUser(organizationId, author.user.userId)) {
    left.set(row.realmId, row.role === null ? row.certifiedOn : null);
  }
  const certificates = new Map<VlobId, readonly Dated[]>();
  for (const [realmId, until] of left) {
    const date = since.get(realmId) ?? null;
    if (date !== null && (await lastTimestamp({ tx, organizationId }, { realm: realmId })) <= date) continue;
    const rows = [
      ...(await tx.realms.roles(organizationId, realmId, date)),
      ...(await tx.realms.rotations(organizationId, realmId, date)),
      ...(await tx.realms.names(organizationId, realmId, date)),
      ...(await tx.realms.archivings(organizationId, realmId, date)),
    ];
    const dated = rows.map((row) => ({ timestamp: row.certifiedOn, certificate: row.certificate }));
    certificates.set(
      realmId,
      dated.filter(({ timestamp }) => until === null || timestamp <= until),
    );
  }
  return certificates;
}

/** The author sees its own setups and those that it holds a share of; of the shares, only its own. */
async function shamir({ tx, organizationId, author }: AuthorScope): Promise<readonly Dated[]> {
  const { userId } = author.user;
  const dated: Dated[] = [];
  for (const setup of await tx.shamir.concerning(organizationId, userId)) {
    const share = setup.shares.find(({ recipient }) => recipient === userId);
    dated.push({ timestamp: setup.createdOn, priority: 0, certificate: setup.briefCertificate });
    if (share !== undefined) dated.push({ timestamp: setup.createdOn, priority: 1, certificate: share.certificate });
    const { deletion } = setup;
    if (deletion !== null) dated.push({ timestamp: deletion.on, priority: 2, certificate: deletion.certificate });
  }
  return dated;
}
