import { SequesterVerifyKey } from "@parsec/crypto";
import { loadTrustedSequesterCertificate, type SequesterServicesCertificate } from "@parsec/types";
import { putService } from "../../administration/sequester.ts";
import { jsonServiceConfig } from "../../http/administration-sequester.ts";
import { jsonBytes, jsonNullable } from "../../http/json-fields.ts";
import { type LoadContext, LoadError, type LoadOperation, timestampOf } from "./context.ts";

export const sequesterCreateService: LoadOperation = async (context) => {
  const { tx, organizationId, fields } = context;
  timestampOf(context);
  const config = fields.optional("config", jsonNullable(jsonServiceConfig)) ?? { type: "storage" };
  const { value, bytes } = await serviceCertificate(context, "service_certificate");
  if (value.type !== "sequester_service_certificate") throw new LoadError("service_certificate is of another type");
  const { serviceId, serviceLabel: label, timestamp: createdOn } = value;
  if ((await tx.sequester.find(organizationId, serviceId)) !== undefined) {
    throw new LoadError("The sequester service exists already");
  }
  const row = { serviceId, label, certificate: bytes, createdOn, config, revocation: null };
  await putService(tx, organizationId, row);
};

export const sequesterRevokeService: LoadOperation = async (context) => {
  const { tx, organizationId } = context;
  timestampOf(context);
  const { value, bytes } = await serviceCertificate(context, "revoked_service_certificate");
  if (value.type !== "sequester_revoked_service_certificate") {
    throw new LoadError("revoked_service_certificate is of another type");
  }
  const service = await tx.sequester.find(organizationId, value.serviceId);
  if (service === undefined) throw new LoadError("The sequester service does not exist");
  await putService(tx, organizationId, { ...service, revocation: { on: value.timestamp, certificate: bytes } });
};

/** Through the armor, unverified: the authority's key only tells the size of the signature. */
async function serviceCertificate({ tx, organizationId, fields }: LoadContext, name: string) {
  const bytes = fields.required(name, jsonBytes);
  const organization = await tx.organizations.find(organizationId);
  const authority = organization?.bootstrap?.sequesterAuthority ?? null;
  if (authority === null) throw new LoadError("The organization is not sequestered");
  const key = SequesterVerifyKey.fromDer(authority.verifyKeyDer);
  const value: SequesterServicesCertificate = loadTrustedSequesterCertificate(bytes, key).value;
  return { value, bytes };
}
