import { type RealmRotateKeyRequest, realmRotateKey } from "@parsec/protocol";
import { RealmKeyRotationCertificate } from "@parsec/types";
import { signedByAuthor } from "../../rules/certificate.ts";
import { advanceRealm, authorRole, lastRealmTimestamp, lockRealm } from "../../rules/realm.ts";
import { activeServices, onceServicesAccept, ServicesToAsk } from "../../rules/sequester.ts";
import { lastTimestamp, notGreater, outOfBallpark } from "../../rules/timestamp.ts";
import { authenticated } from "../handler.ts";
import { isReply } from "../reply.ts";
import type { AuthorScope } from "../scope.ts";

/** Spec 08b §6.5. The webhooks are asked between transactions that each check all again. */
export const realmRotateKeyHandler = authenticated(realmRotateKey).inSteps((call, request) =>
  onceServicesAccept(call.server, async (unasked) =>
    call.transaction(async (scope) => {
      const checked = await check(scope, request);
      if (isReply(checked)) return checked;
      const services = unasked(checked.services);
      if (services.length === 0) return await rotate(scope, request, checked.certificate);
      const accesses = request.perSequesterServiceKeysBundleAccess;
      const { keysBundle } = request;
      return new ServicesToAsk(services, ({ serviceId }) => {
        const keysBundleAccess = accesses?.get(serviceId) ?? new Uint8Array();
        return { type: "realm_rotate_key", ...checked.query, keysBundle, keysBundleAccess };
      });
    }),
  ),
);

async function check(scope: AuthorScope, request: RealmRotateKeyRequest) {
  const { tx, organizationId, organization, author } = scope;
  const certificate = signedByAuthor(scope, RealmKeyRotationCertificate, request.realmKeyRotationCertificate);
  if (certificate === undefined) return { status: "invalid_certificate" } as const;
  const { realmId, timestamp, keyIndex } = certificate;
  const drift = outOfBallpark(scope, timestamp);
  if (drift !== undefined) return drift;

  const realm = await lockRealm(scope, realmId, "write");
  if (realm === undefined) return { status: "realm_not_found" } as const;
  if (realm.status === "DELETED") return { status: "realm_deleted" } as const;
  if ((await authorRole(scope, realmId)) !== "OWNER") return { status: "author_not_allowed" } as const;
  if (keyIndex !== realm.keyIndex + 1) {
    return { status: "bad_key_index", ...(await lastRealmTimestamp(scope, realmId)) } as const;
  }
  const older = await notGreater(scope, timestamp, ["common", { realm: realmId }]);
  if (older !== undefined) return older;
  const participants = await tx.realms.currentRoles(organizationId, realmId);
  if (!sameKeys(participants, request.perParticipantKeysBundleAccess)) {
    return { status: "participant_mismatch", ...(await lastRealmTimestamp(scope, realmId)) } as const;
  }

  const serviceAccesses = request.perSequesterServiceKeysBundleAccess;
  const sequestered = (organization.bootstrap?.sequesterAuthority ?? null) !== null;
  if (!sequestered && serviceAccesses !== null) return { status: "organization_not_sequestered" } as const;
  if (sequestered) await tx.lock(organizationId, "sequester", "read");
  const services = sequestered ? await activeServices(scope) : [];
  const expected = new Map(services.map((service) => [service.serviceId, service]));
  if (sequestered && (serviceAccesses === null || !sameKeys(expected, serviceAccesses))) {
    const lastSequesterCertificateTimestamp = await lastTimestamp(scope, "sequester");
    return { status: "sequester_service_mismatch", lastSequesterCertificateTimestamp } as const;
  }
  const { keyCanary } = certificate;
  const query = { organizationId, author: author.device.deviceId, realmId, timestamp, keyIndex, keyCanary };
  return { certificate, services, query };
}

async function rotate(scope: AuthorScope, request: RealmRotateKeyRequest, certificate: RealmKeyRotationCertificate) {
  const { tx, organizationId, author } = scope;
  const { realmId, keyIndex, timestamp } = certificate;
  await tx.realms.addRotation(organizationId, {
    realmId,
    keyIndex,
    keysBundle: request.keysBundle,
    certificate: request.realmKeyRotationCertificate,
    certifiedBy: author.device.deviceId,
    certifiedOn: timestamp,
  });
  for (const [userId, access] of request.perParticipantKeysBundleAccess) {
    const row = { userId, keyIndex, access, givenOn: timestamp, fromSharing: false };
    await tx.realms.addAccess(organizationId, realmId, row);
  }
  for (const [serviceId, access] of request.perSequesterServiceKeysBundleAccess ?? []) {
    await tx.realms.addServiceAccess(organizationId, realmId, { serviceId, keyIndex, access });
  }
  await advanceRealm(scope, realmId, timestamp, author.user.userId);
  return { status: "ok" } as const;
}

function sameKeys<K>(a: ReadonlyMap<K, unknown>, b: ReadonlyMap<K, unknown>): boolean {
  return a.size === b.size && [...a.keys()].every((key) => b.has(key));
}
