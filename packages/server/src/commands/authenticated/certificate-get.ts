import { certificateGet } from "@parsec/protocol";
import type { DateTime, VlobId } from "@parsec/types";
import { lastTimestamp } from "../../rules/timestamp.ts";
import {
  commonCertificates,
  type DatedCertificate,
  inTopicOrder,
  realmCertificates,
  sequesterCertificates,
} from "../../rules/topic-certificates.ts";
import { authenticated } from "../handler.ts";
import type { AuthorScope } from "../scope.ts";

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
    sequesterCertificates: after(await sequesterCertificates(scope.tx, scope.organization), request.sequesterAfter),
    shamirRecoveryCertificates: after(await shamir(scope), request.shamirRecoveryAfter),
    realmCertificates,
  };
});

function after(certificates: readonly DatedCertificate[], date: DateTime | null): readonly Uint8Array[] {
  const news = certificates.filter(({ timestamp }) => date === null || timestamp > date);
  return inTopicOrder(news).map(({ certificate }) => certificate);
}

/** Outsiders get the redacted form of users and devices. */
async function common({ tx, organizationId, author }: AuthorScope, since: DateTime | null) {
  const redacted = author.user.currentProfile === "OUTSIDER";
  return await commonCertificates(tx, organizationId, { since, redacted });
}

/** A realm that the author has left is seen as it was then. */
async function realms(
  { tx, organizationId, author }: AuthorScope,
  since: ReadonlyMap<VlobId, DateTime>,
): Promise<ReadonlyMap<VlobId, readonly DatedCertificate[]>> {
  const left = new Map<VlobId, DateTime | null>();
  for (const row of await tx.realms.rolesOfUser(organizationId, author.user.userId)) {
    left.set(row.realmId, row.role === null ? row.certifiedOn : null);
  }
  const certificates = new Map<VlobId, readonly DatedCertificate[]>();
  for (const [realmId, until] of left) {
    const date = since.get(realmId) ?? null;
    if (date !== null && (await lastTimestamp({ tx, organizationId }, { realm: realmId })) <= date) continue;
    const dated = await realmCertificates(tx, organizationId, realmId, date);
    certificates.set(
      realmId,
      dated.filter(({ timestamp }) => until === null || timestamp <= until),
    );
  }
  return certificates;
}

/** The author sees its own setups and those that it holds a share of; of the shares, only its own. */
async function shamir({ tx, organizationId, author }: AuthorScope): Promise<readonly DatedCertificate[]> {
  const { userId } = author.user;
  const dated: DatedCertificate[] = [];
  for (const setup of await tx.shamir.concerning(organizationId, userId)) {
    const share = setup.shares.find(({ recipient }) => recipient === userId);
    dated.push({ timestamp: setup.createdOn, priority: 0, certificate: setup.briefCertificate });
    if (share !== undefined) dated.push({ timestamp: setup.createdOn, priority: 1, certificate: share.certificate });
    const { deletion } = setup;
    if (deletion !== null) dated.push({ timestamp: deletion.on, priority: 2, certificate: deletion.certificate });
  }
  return dated;
}
