import { ParsecError } from "@parsec/base";
import { certificateGet } from "@parsec/protocol";
import { OrganizationId, SignedCertificate, type VlobId } from "@parsec/types";
import { unverified } from "../../rules/certificate.ts";
import { operationCertificates } from "./operation-certificates.ts";
import { flipped, type Tamper, type Tampering, tamper } from "./tamper.ts";

type Certificates = readonly Uint8Array[];
type Change = (certificates: Certificates, isMatched: (certificate: Uint8Array) => boolean) => Certificates;

/** The same change for the certificates of every topic. */
function onEachTopic(change: Change): Tamper {
  return tamper(certificateGet, async ({ rule }, _request, reply) => {
    if (reply.status !== "ok") return reply;
    const wanted = rule.match?.certificate;
    const isMatched = (certificate: Uint8Array) => wanted === undefined || typeOf(certificate) === wanted;
    const changed = (certificates: Certificates) => change(certificates, isMatched);
    return {
      ...reply,
      commonCertificates: changed(reply.commonCertificates),
      sequesterCertificates: changed(reply.sequesterCertificates),
      shamirRecoveryCertificates: changed(reply.shamirRecoveryCertificates),
      realmCertificates: new Map([...reply.realmCertificates].map(([realm, list]) => [realm, changed(list)])),
    };
  });
}

function typeOf(certificate: Uint8Array): string | undefined {
  return unverified(SignedCertificate, certificate)?.type;
}

export const dropCertificates = onEachTopic((certificates, isMatched) =>
  certificates.filter((certificate) => !isMatched(certificate)),
);

export const duplicateCertificates = onEachTopic((certificates, isMatched) =>
  certificates.flatMap((certificate) => (isMatched(certificate) ? [certificate, certificate] : [certificate])),
);

export const reorderCertificates = onEachTopic((certificates) => [...certificates].reverse());

export const tamperCertificates = onEachTopic((certificates, isMatched) =>
  certificates.map((certificate) => (isMatched(certificate) ? flipped(certificate) : certificate)),
);

/** The certificates of some operations, after the genuine ones of their topics. */
export const serveOperations = tamper(certificateGet, async ({ rule }, request, reply) => {
  if (reply.status !== "ok" || rule.kind !== "serve_operations") return reply;
  const added = operationCertificates(rule.operations);
  const isNews = (timestamp: number, after: number | null) => after === null || timestamp > after;
  const realmCertificates = new Map(reply.realmCertificates);
  for (const { realmId, timestamp, certificate } of added.realms) {
    if (!isNews(timestamp, request.realmAfter.get(realmId) ?? null)) continue;
    realmCertificates.set(realmId, [...(realmCertificates.get(realmId) ?? []), certificate]);
  }
  const news = (list: typeof added.common, after: number | null) =>
    list.filter(({ timestamp }) => isNews(timestamp, after)).map(({ certificate }) => certificate);
  return {
    ...reply,
    commonCertificates: [...reply.commonCertificates, ...news(added.common, request.commonAfter)],
    sequesterCertificates: [...reply.sequesterCertificates, ...news(added.sequester, request.sequesterAfter)],
    shamirRecoveryCertificates: [
      ...reply.shamirRecoveryCertificates,
      ...news(added.shamir, request.shamirRecoveryAfter),
    ],
    realmCertificates,
  };
});

/** The common certificates and the realms of another organization. */
export const otherCertificates = tamper(certificateGet, async (tampering, _request, reply) => {
  const other = otherOrganization(tampering);
  if (reply.status !== "ok" || other === undefined) return reply;
  return await tampering.store.transaction(async (tx) => {
    if ((await tx.organizations.find(other)) === undefined) return { end: "commit", value: reply };
    const users = await tx.users.list(other);
    const devices = await tx.users.devices(other);
    const realmCertificates = new Map<VlobId, Certificates>();
    for (const { realmId } of await tx.realms.list(other)) {
      const roles = await tx.realms.roles(other, realmId);
      realmCertificates.set(
        realmId,
        roles.map(({ certificate }) => certificate),
      );
    }
    const commonCertificates = [...users, ...devices].map(({ certificate }) => certificate);
    return { end: "commit", value: { ...reply, commonCertificates, realmCertificates } };
  });
});

/** The organization that a rule takes data from. */
export function otherOrganization({ rule }: Tampering): OrganizationId | undefined {
  if (rule.kind !== "other_organization") return undefined;
  try {
    return OrganizationId.parse(rule.from);
  } catch (error) {
    if (ParsecError.is(error)) return undefined;
    throw error;
  }
}
