import { DateTime, type OrganizationId, type SequesterServiceId } from "@parsec/types";
import type { ServerContext } from "../context.ts";
import { verifiedRevocation, verifiedService } from "../rules/sequester-certificate.ts";
import type { SequesterAuthority } from "../store/port/organizations.ts";
import type { SequesterServiceConfig, SequesterServiceRow } from "../store/port/sequester.ts";
import type { Transaction } from "../store/port/store.ts";
import { AdministrationError } from "./error.ts";
import { existingOrganization } from "./organizations.ts";

// Spec 08c §1.5. Certificates are signed by the authority, and their date is not compared with the clock.

/** @throws AdministrationError */
export async function listServices(
  server: Pick<ServerContext, "store">,
  organizationId: OrganizationId,
): Promise<readonly SequesterServiceRow[]> {
  return await server.store.transaction(async (tx) => {
    await authorityOf(tx, organizationId);
    return { end: "commit", value: await tx.sequester.list(organizationId) };
  });
}

/** @throws AdministrationError */
export async function createService(
  server: Pick<ServerContext, "store">,
  organizationId: OrganizationId,
  certificate: Uint8Array,
  config: SequesterServiceConfig,
): Promise<void> {
  // The signature is checked outside of the transaction that writes: RSA takes its time.
  const verified = await verifiedService(await authority(server, organizationId), certificate);
  await server.store.transaction(async (tx) => {
    await authorityOf(tx, organizationId);
    if (verified === undefined) throw new AdministrationError(400, "Invalid certificate");
    const { serviceId, serviceLabel: label, timestamp: createdOn } = verified;
    await tx.lock(organizationId, "sequester", "write");
    await mustBeGreater(tx, organizationId, createdOn);
    if ((await tx.sequester.find(organizationId, serviceId)) !== undefined) {
      throw new AdministrationError(400, "Sequester service already exists");
    }
    await putService(tx, organizationId, { serviceId, label, certificate, createdOn, config, revocation: null });
    return { end: "commit", value: undefined };
  });
}

/** @throws AdministrationError */
export async function revokeService(
  server: Pick<ServerContext, "store">,
  organizationId: OrganizationId,
  certificate: Uint8Array,
): Promise<void> {
  const verified = await verifiedRevocation(await authority(server, organizationId), certificate);
  await server.store.transaction(async (tx) => {
    await authorityOf(tx, organizationId);
    if (verified === undefined) throw new AdministrationError(400, "Invalid certificate");
    await tx.lock(organizationId, "sequester", "write");
    await mustBeGreater(tx, organizationId, verified.timestamp);
    const service = await existingService(tx, organizationId, verified.serviceId);
    if (service.revocation !== null) throw new AdministrationError(400, "Sequester service already revoked");
    await putService(tx, organizationId, { ...service, revocation: { on: verified.timestamp, certificate } });
    return { end: "commit", value: undefined };
  });
}

/** Works on revoked services too. @throws AdministrationError */
export async function configureService(
  server: Pick<ServerContext, "store">,
  organizationId: OrganizationId,
  serviceId: SequesterServiceId,
  config: SequesterServiceConfig,
): Promise<void> {
  await server.store.transaction(async (tx) => {
    await authorityOf(tx, organizationId);
    await tx.sequester.put(organizationId, { ...(await existingService(tx, organizationId, serviceId)), config });
    return { end: "commit", value: undefined };
  });
}

/** A service was created or revoked: stores it, and tells it. The topic must be locked. */
export async function putService(
  tx: Transaction,
  organizationId: OrganizationId,
  service: SequesterServiceRow,
): Promise<void> {
  const timestamp = service.revocation?.on ?? service.createdOn;
  await tx.sequester.put(organizationId, service);
  await tx.topics.advance(organizationId, "sequester", timestamp);
  tx.emit({ type: "SEQUESTER_CERTIFICATE", organizationId, timestamp });
}

async function authority(
  server: Pick<ServerContext, "store">,
  organizationId: OrganizationId,
): Promise<SequesterAuthority> {
  return await server.store.transaction(async (tx) => ({
    end: "commit",
    value: await authorityOf(tx, organizationId),
  }));
}

async function authorityOf(tx: Transaction, organizationId: OrganizationId): Promise<SequesterAuthority> {
  const { bootstrap } = await existingOrganization(tx, organizationId);
  if (bootstrap === null || bootstrap.sequesterAuthority === null) {
    throw new AdministrationError(400, "Sequester disabled");
  }
  return bootstrap.sequesterAuthority;
}

async function existingService(tx: Transaction, organizationId: OrganizationId, serviceId: SequesterServiceId) {
  const service = await tx.sequester.find(organizationId, serviceId);
  if (service === undefined) throw new AdministrationError(404, "Sequester service not found");
  return service;
}

async function mustBeGreater(tx: Transaction, organizationId: OrganizationId, timestamp: DateTime): Promise<void> {
  const last = await tx.topics.last(organizationId, "sequester");
  if (last === undefined || timestamp > last) return;
  const strictlyGreaterThan = DateTime.formatRfc3339(last);
  const detail = { msg: "Require greater timestamp", strictly_greater_than: strictlyGreaterThan };
  throw new AdministrationError(400, detail);
}
