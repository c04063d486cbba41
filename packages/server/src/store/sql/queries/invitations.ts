import { BugError } from "@parsec/base";
import type { GreetingAttemptId, OrganizationId } from "@parsec/types";
import type { Insertable, Selectable } from "kysely";
import type {
  GreetingAttemptRow,
  GreetingCancellation,
  InvitationEnd,
  InvitationQueries,
  InvitationRow,
  InvitationTarget,
} from "../../port/invitations.ts";
import {
  byOrganization,
  mustHaveChanged,
  nullableBytesOf,
  organizationKey,
  type SqlConnection,
  type WriteGuard,
} from "../database.ts";
import type { GreetingAttemptTable, InvitationTable } from "../tables.ts";

export function sqlInvitations(connection: SqlConnection, guard: WriteGuard): InvitationQueries {
  const { db } = connection;
  const organization = (organizationId: OrganizationId) => organizationKey(connection, organizationId);
  const invitations = (organizationId: OrganizationId) =>
    db.selectFrom("invitation").selectAll().where("organization", "=", organization(organizationId));
  const attempts = (organizationId: OrganizationId) =>
    db.selectFrom("greeting_attempt").selectAll().where("organization", "=", organization(organizationId));
  const step = (organizationId: OrganizationId, attemptId: GreetingAttemptId, index: number) =>
    db
      .selectFrom("greeting_step")
      .selectAll()
      .where("organization", "=", organization(organizationId))
      .where("attempt_id", "=", attemptId)
      .where("step", "=", index);
  const removeSteps = async (organizationId: OrganizationId, attemptId: GreetingAttemptId) => {
    await db
      .deleteFrom("greeting_step")
      .where("organization", "=", organization(organizationId))
      .where("attempt_id", "=", attemptId)
      .execute();
  };
  return {
    async find(organizationId, token) {
      const row = await invitations(organizationId).where("token", "=", token).executeTakeFirst();
      return row && invitationRow(row);
    },
    async list(organizationId) {
      return (await invitations(organizationId).orderBy("_id").execute()).map(invitationRow);
    },
    async openFor(organizationId, target) {
      let query = invitations(organizationId).where("type", "=", target.type).where("ended_on", "is", null);
      if (target.type === "USER") query = query.where("claimer_email", "=", target.claimerEmail);
      else query = query.where("claimer", "=", target.claimer);
      if (target.type === "SHAMIR_RECOVERY") query = query.where("setup_created_on", "=", target.setupCreatedOn);
      return (await query.orderBy("_id").execute()).map(invitationRow);
    },
    async openForEmail(email) {
      const rows = await db
        .selectFrom("invitation")
        .innerJoin("organization", "organization._id", "invitation.organization")
        .selectAll("invitation")
        .select("organization.organization_id")
        .where("invitation.type", "=", "USER")
        .where("invitation.claimer_email", "=", email)
        .where("invitation.ended_on", "is", null)
        .orderBy("invitation._id")
        .execute();
      return byOrganization(
        rows.map((row) => ({ organizationId: row.organization_id, invitation: invitationRow(row) })),
      );
    },
    async greetedBy(organizationId, userId, { newUsers }) {
      const rows = await invitations(organizationId)
        .where((is) =>
          is.or([
            ...(newUsers ? [is("type", "=", "USER")] : []),
            is.and([is("type", "=", "DEVICE"), is("claimer", "=", userId)]),
            is.and([
              is("type", "=", "SHAMIR_RECOVERY"),
              is.exists(
                is
                  .selectFrom("shamir_setup")
                  .innerJoin("shamir_share", "shamir_share.setup", "shamir_setup._id")
                  .select("shamir_setup._id")
                  .whereRef("shamir_setup.organization", "=", "invitation.organization")
                  .whereRef("shamir_setup.user_id", "=", "invitation.claimer")
                  .whereRef("shamir_setup.created_on", "=", "invitation.setup_created_on")
                  .where("shamir_share.recipient", "=", userId),
              ),
            ]),
          ]),
        )
        .orderBy("_id")
        .execute();
      return rows.map(invitationRow);
    },
    async insert(organizationId, row) {
      await guard.family(organizationId, "invitations");
      await db
        .insertInto("invitation")
        .values({
          organization: organization(organizationId),
          token: row.token,
          ...targetColumns(row.target),
          created_by: row.createdBy,
          created_on: row.createdOn,
          ...endColumns(row.ended),
        })
        .execute();
    },
    async setEnded(organizationId, token, end) {
      await guard.family(organizationId, "invitations");
      const changed = await db
        .updateTable("invitation")
        .set(endColumns(end))
        .where("organization", "=", organization(organizationId))
        .where("token", "=", token)
        .executeTakeFirstOrThrow();
      mustHaveChanged(changed, "invitation");
    },
    async findAttempt(organizationId, attemptId) {
      const row = await attempts(organizationId).where("attempt_id", "=", attemptId).executeTakeFirst();
      return row && attemptRow(row);
    },
    async attempts(organizationId, token, greeter) {
      const rows = await attempts(organizationId)
        .where("token", "=", token)
        .where("greeter", "=", greeter)
        .orderBy("_id")
        .execute();
      return rows.map(attemptRow);
    },
    async forgetAttempts(organizationId, token, greeter, keep) {
      await guard.family(organizationId, "invitations");
      const rows = await attempts(organizationId)
        .where("token", "=", token)
        .where("greeter", "=", greeter)
        .orderBy("_id")
        .execute();
      for (const { _id, attempt_id } of rows.slice(0, Math.max(0, rows.length - keep))) {
        await removeSteps(organizationId, attempt_id);
        await db.deleteFrom("greeting_attempt").where("_id", "=", _id).execute();
      }
    },
    async removeSteps(organizationId, attemptId) {
      await guard.family(organizationId, "invitations");
      await removeSteps(organizationId, attemptId);
    },
    async putAttempt(organizationId, row) {
      await guard.family(organizationId, "invitations");
      const state = attemptColumns(row);
      await db
        .insertInto("greeting_attempt")
        .values({ organization: organization(organizationId), attempt_id: row.attemptId, ...state })
        .onConflict((conflict) => conflict.columns(["organization", "attempt_id"]).doUpdateSet(state))
        .execute();
    },
    async step(organizationId, attemptId, index) {
      const row = await step(organizationId, attemptId, index).executeTakeFirst();
      return {
        GREETER: nullableBytesOf(row?.greeter_data ?? null),
        CLAIMER: nullableBytesOf(row?.claimer_data ?? null),
      };
    },
    async putStep(organizationId, attemptId, index, row) {
      await guard.family(organizationId, "invitations");
      const data = { greeter_data: row.GREETER, claimer_data: row.CLAIMER };
      await db
        .insertInto("greeting_step")
        .values({ organization: organization(organizationId), attempt_id: attemptId, step: index, ...data })
        .onConflict((conflict) => conflict.columns(["organization", "attempt_id", "step"]).doUpdateSet(data))
        .execute();
    },
  };
}

function targetColumns(target: InvitationTarget) {
  return {
    type: target.type,
    claimer_email: target.type === "USER" ? target.claimerEmail : null,
    claimer: target.type === "USER" ? null : target.claimer,
    setup_created_on: target.type === "SHAMIR_RECOVERY" ? target.setupCreatedOn : null,
  };
}

function endColumns(end: InvitationEnd | null) {
  return { ended_on: end?.on ?? null, ended_reason: end?.reason ?? null, ended_by: end?.by ?? null };
}

export function invitationRow(row: Selectable<InvitationTable>): InvitationRow {
  const { ended_on: on, ended_reason: reason, ended_by: by } = row;
  return {
    token: row.token,
    target: targetOf(row),
    createdBy: row.created_by,
    createdOn: row.created_on,
    ended: on === null || reason === null ? null : { on, reason, by },
  };
}

function targetOf(row: Selectable<InvitationTable>): InvitationTarget {
  const { type, claimer_email: claimerEmail, claimer, setup_created_on: setupCreatedOn } = row;
  if (type === "USER" && claimerEmail !== null) return { type, claimerEmail };
  if (type === "DEVICE" && claimer !== null) return { type, claimer };
  if (type === "SHAMIR_RECOVERY" && claimer !== null && setupCreatedOn !== null) {
    return { type, claimer, setupCreatedOn };
  }
  throw new BugError("An invitation is stored without its claimer");
}

function attemptColumns(
  row: GreetingAttemptRow,
): Omit<Insertable<GreetingAttemptTable>, "organization" | "attempt_id"> {
  return {
    token: row.token,
    greeter: row.greeter,
    greeter_joined: row.joined.GREETER,
    claimer_joined: row.joined.CLAIMER,
    cancelled_by: row.cancellation?.origin ?? null,
    cancelled_reason: row.cancellation?.reason ?? null,
    cancelled_on: row.cancellation?.timestamp ?? null,
  };
}

function attemptRow(row: Selectable<GreetingAttemptTable>): GreetingAttemptRow {
  return {
    attemptId: row.attempt_id,
    token: row.token,
    greeter: row.greeter,
    joined: { GREETER: row.greeter_joined, CLAIMER: row.claimer_joined },
    cancellation: cancellationOf(row),
  };
}

function cancellationOf(row: Selectable<GreetingAttemptTable>): GreetingCancellation | null {
  const { cancelled_by: origin, cancelled_reason: reason, cancelled_on: timestamp } = row;
  return origin === null || reason === null || timestamp === null ? null : { origin, reason, timestamp };
}
