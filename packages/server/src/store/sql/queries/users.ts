import { HumanLabel, type OrganizationId, type UserId } from "@parsec/types";
import type { Selectable, Updateable } from "kysely";
import type { DeviceRow, UserQueries, UserRow } from "../../port/users.ts";
import {
  byOrganization,
  bytesOf,
  flag,
  jsonText,
  mustHaveChanged,
  organizationKey,
  type SqlConnection,
  textOf,
  type WriteGuard,
} from "../database.ts";
import type { DeviceTable, UserTable } from "../tables.ts";

export function sqlUsers(connection: SqlConnection, guard: WriteGuard): UserQueries {
  const { db } = connection;
  const organization = (organizationId: OrganizationId) => organizationKey(connection, organizationId);
  const users = (organizationId: OrganizationId) =>
    db.selectFrom("user_").selectAll().where("organization", "=", organization(organizationId));
  const update = async (organizationId: OrganizationId, userId: UserId, changes: Updateable<UserTable>) => {
    await guard.exclusive(organizationId);
    const result = await db
      .updateTable("user_")
      .set(changes)
      .where("organization", "=", organization(organizationId))
      .where("user_id", "=", userId)
      .executeTakeFirstOrThrow();
    mustHaveChanged(result, "user");
  };
  return {
    async find(organizationId, userId) {
      const row = await users(organizationId).where("user_id", "=", userId).executeTakeFirst();
      return row && userRow(row);
    },
    async findActiveByEmail(organizationId, email) {
      const row = await users(organizationId)
        .where("email", "=", email)
        .where("revoked_on", "is", null)
        .executeTakeFirst();
      return row && userRow(row);
    },
    async findHuman(organizationId, email) {
      const row = await users(organizationId).where("email", "=", email).orderBy("_id").limit(1).executeTakeFirst();
      return row && userRow(row).humanHandle;
    },
    async list(organizationId, after) {
      let query = users(organizationId);
      if (after != null)
        query = query.where((is) => is.or([is("created_on", ">", after), is("revoked_on", ">", after)]));
      return (await query.orderBy("_id").execute()).map(userRow);
    },
    async activeOfProfile(organizationId, profile) {
      const rows = await users(organizationId)
        .where("current_profile", "=", profile)
        .where("revoked_on", "is", null)
        .orderBy("_id")
        .execute();
      return rows.map(userRow);
    },
    async frozen(organizationId) {
      const rows = await db
        .selectFrom("user_")
        .select("user_id")
        .where("organization", "=", organization(organizationId))
        .where("frozen", "=", 1)
        .orderBy("_id")
        .execute();
      return rows.map((row) => row.user_id);
    },
    async findEverywhere(email) {
      const rows = await db
        .selectFrom("user_")
        .innerJoin("organization", "organization._id", "user_.organization")
        .selectAll("user_")
        .select("organization.organization_id")
        .where("user_.email", "=", email)
        .orderBy("user_._id")
        .execute();
      return byOrganization(rows.map((row) => ({ organizationId: row.organization_id, user: userRow(row) })));
    },
    async countActive(organizationId) {
      const { count } = await db
        .selectFrom("user_")
        .select((select) => select.fn.countAll<number>().as("count"))
        .where("organization", "=", organization(organizationId))
        .where("revoked_on", "is", null)
        .executeTakeFirstOrThrow();
      return count;
    },
    async insert(organizationId, row) {
      await guard.exclusive(organizationId);
      await db
        .insertInto("user_")
        .values({
          organization: organization(organizationId),
          user_id: row.userId,
          email: row.humanHandle.email,
          label: jsonText(row.humanHandle.label),
          initial_profile: row.initialProfile,
          current_profile: row.currentProfile,
          certificate: row.certificate,
          redacted_certificate: row.redactedCertificate,
          certified_by: row.certifiedBy,
          created_on: row.createdOn,
          ...revocationColumns(row.revocation),
          frozen: flag(row.frozen),
          tos_accepted_on: row.tosAcceptedOn,
        })
        .execute();
    },
    async setProfile(organizationId, { userId, profile, certificate, certifiedBy, certifiedOn }) {
      await update(organizationId, userId, { current_profile: profile });
      await db
        .insertInto("profile_update")
        .values({
          organization: organization(organizationId),
          user_id: userId,
          profile,
          certificate,
          certified_by: certifiedBy,
          certified_on: certifiedOn,
        })
        .execute();
    },
    async setRevoked(organizationId, userId, revocation) {
      await update(organizationId, userId, revocationColumns(revocation));
    },
    async setFrozen(organizationId, userId, frozen) {
      await update(organizationId, userId, { frozen: flag(frozen) });
    },
    async setTosAccepted(organizationId, userId, on) {
      await update(organizationId, userId, { tos_accepted_on: on });
    },
    async profileUpdates(organizationId, after) {
      let query = db.selectFrom("profile_update").selectAll().where("organization", "=", organization(organizationId));
      if (after != null) query = query.where("certified_on", ">", after);
      return (await query.orderBy("_id").execute()).map((row) => ({
        userId: row.user_id,
        profile: row.profile,
        certificate: bytesOf(row.certificate),
        certifiedBy: row.certified_by,
        certifiedOn: row.certified_on,
      }));
    },
    async findDevice(organizationId, deviceId) {
      const row = await db
        .selectFrom("device")
        .selectAll()
        .where("organization", "=", organization(organizationId))
        .where("device_id", "=", deviceId)
        .executeTakeFirst();
      return row && deviceRow(row);
    },
    async devices(organizationId, after) {
      let query = db.selectFrom("device").selectAll().where("organization", "=", organization(organizationId));
      if (after != null) query = query.where("created_on", ">", after);
      return (await query.orderBy("_id").execute()).map(deviceRow);
    },
    async insertDevice(organizationId, row) {
      await guard.exclusive(organizationId);
      await db
        .insertInto("device")
        .values({
          // Null, which is refused, when there is no such user.
          organization: db
            .selectFrom("user_")
            .select("user_.organization")
            .where("user_.organization", "=", organization(organizationId))
            .where("user_.user_id", "=", row.userId),
          device_id: row.deviceId,
          user_id: row.userId,
          verify_key: row.verifyKey,
          certificate: row.certificate,
          redacted_certificate: row.redactedCertificate,
          certified_by: row.certifiedBy,
          created_on: row.createdOn,
        })
        .execute();
    },
  };
}

function revocationColumns(revocation: UserRow["revocation"]) {
  return {
    revoked_on: revocation?.on ?? null,
    revoked_by: revocation?.by ?? null,
    revoked_certificate: revocation?.certificate ?? null,
  };
}

export function userRow(row: Selectable<UserTable>): UserRow {
  const { revoked_on: on, revoked_by: by, revoked_certificate: certificate } = row;
  return {
    userId: row.user_id,
    humanHandle: { email: row.email, label: HumanLabel.parse(textOf(row.label)) },
    initialProfile: row.initial_profile,
    currentProfile: row.current_profile,
    certificate: bytesOf(row.certificate),
    redactedCertificate: bytesOf(row.redacted_certificate),
    certifiedBy: row.certified_by,
    createdOn: row.created_on,
    revocation:
      on === null || by === null || certificate === null ? null : { on, by, certificate: bytesOf(certificate) },
    frozen: row.frozen === 1,
    tosAcceptedOn: row.tos_accepted_on,
  };
}

function deviceRow(row: Selectable<DeviceTable>): DeviceRow {
  return {
    deviceId: row.device_id,
    userId: row.user_id,
    verifyKey: bytesOf(row.verify_key),
    certificate: bytesOf(row.certificate),
    redactedCertificate: bytesOf(row.redacted_certificate),
    certifiedBy: row.certified_by,
    createdOn: row.created_on,
  };
}
