import type { OrganizationId } from "@parsec/types";
import type { Selectable } from "kysely";
import type { SequesterQueries, SequesterServiceRow } from "../../port/sequester.ts";
import { bytesOf, jsonText, organizationKey, type SqlConnection, textOf, type WriteGuard } from "../database.ts";
import type { SequesterServiceTable } from "../tables.ts";

export function sqlSequester(connection: SqlConnection, guard: WriteGuard): SequesterQueries {
  const { db } = connection;
  const services = (organizationId: OrganizationId) =>
    db
      .selectFrom("sequester_service")
      .selectAll()
      .where("organization", "=", organizationKey(connection, organizationId));
  return {
    async find(organizationId, serviceId) {
      const row = await services(organizationId).where("service_id", "=", serviceId).executeTakeFirst();
      return row && serviceRow(row);
    },
    async list(organizationId) {
      return (await services(organizationId).orderBy("_id").execute()).map(serviceRow);
    },
    async put(organizationId, { serviceId, label, certificate, createdOn, config, revocation }) {
      await guard.family(organizationId, "sequester");
      const state = {
        label: jsonText(label),
        certificate,
        created_on: createdOn,
        webhook_url: config.type === "webhook" ? jsonText(config.webhookUrl) : null,
        revoked_on: revocation?.on ?? null,
        revoked_certificate: revocation?.certificate ?? null,
      };
      await db
        .insertInto("sequester_service")
        .values({ organization: organizationKey(connection, organizationId), service_id: serviceId, ...state })
        .onConflict((conflict) => conflict.columns(["organization", "service_id"]).doUpdateSet(state))
        .execute();
    },
  };
}

function serviceRow(row: Selectable<SequesterServiceTable>): SequesterServiceRow {
  const { webhook_url: webhookUrl, revoked_on: on, revoked_certificate: certificate } = row;
  return {
    serviceId: row.service_id,
    label: textOf(row.label),
    certificate: bytesOf(row.certificate),
    createdOn: row.created_on,
    config: webhookUrl === null ? { type: "storage" } : { type: "webhook", webhookUrl: textOf(webhookUrl) },
    revocation: on === null || certificate === null ? null : { on, certificate: bytesOf(certificate) },
  };
}
