import { DateTime, SequesterServiceId } from "@parsec/types";
import { configureService, createService, listServices, revokeService } from "../administration/sequester.ts";
import type { SequesterServiceConfig, SequesterServiceRow } from "../store/port/sequester.ts";
import { parseWebhookUrl } from "../webhooks/url.ts";
import { organizationRoute } from "./administration-route.ts";
import { JsonFields, type JsonKind, jsonBytes, jsonOneOf, jsonParsed, jsonText } from "./json-fields.ts";
import { jsonResponse } from "./response.ts";

// Spec 08c §1.5.

export const listServicesRoute = organizationRoute(async (server, organizationId) => {
  const services = await listServices(server, organizationId);
  return jsonResponse(200, { services: services.map(serviceJson) });
});

export const createServiceRoute = organizationRoute(async (server, organizationId, fields) => {
  const certificate = fields.required("service_certificate", jsonBytes);
  await createService(server, organizationId, certificate, fields.required("config", jsonServiceConfig));
  return jsonResponse(200, {});
});

export const revokeServiceRoute = organizationRoute(async (server, organizationId, fields) => {
  await revokeService(server, organizationId, fields.required("revoked_service_certificate", jsonBytes));
  return jsonResponse(200, {});
});

export const configureServiceRoute = organizationRoute(async (server, organizationId, fields) => {
  const serviceId = fields.required("service_id", jsonParsed(SequesterServiceId.parse));
  await configureService(server, organizationId, serviceId, fields.required("config", jsonServiceConfig));
  return jsonResponse(200, {});
});

/** `{"type": "storage"}` or `{"type": "webhook", "webhook_url": …}`. */
export const jsonServiceConfig: JsonKind<SequesterServiceConfig> = (value) => {
  const fields = new JsonFields(value);
  const type = fields.required("type", jsonOneOf("storage", "webhook"));
  return type === "storage" ? { type } : { type, webhookUrl: fields.required("webhook_url", jsonWebhookUrl) };
};

const jsonWebhookUrl: JsonKind<string> = (value) => {
  const text = jsonText(value);
  return text === undefined || parseWebhookUrl(text) === undefined ? undefined : text;
};

function serviceJson({ serviceId, label, createdOn, revocation, config }: SequesterServiceRow) {
  return {
    service_id: serviceId,
    service_label: label,
    created_on: DateTime.formatRfc3339(createdOn),
    revoked_on: revocation === null ? null : DateTime.formatRfc3339(revocation.on),
    ...(config.type === "storage" ? { type: config.type } : { type: config.type, webhook_url: config.webhookUrl }),
  };
}
