import { BugError } from "@parsec/base";
import { decode, encode, type OrganizationId } from "@parsec/types";
import type { Selectable } from "kysely";
import {
  type EnrollmentQueries,
  type EnrollmentRow,
  type EnrollmentState,
  enrollmentSize,
} from "../../port/enrollments.ts";
import { bytesOf, mustHaveChanged, organizationKey, type SqlConnection, type WriteGuard } from "../database.ts";
import type { EnrollmentTable } from "../tables.ts";
import { EnrollmentSignatureCodec } from "./enrollment-signature.ts";

export function sqlEnrollments(connection: SqlConnection, guard: WriteGuard): EnrollmentQueries {
  const { db } = connection;
  const enrollments = (organizationId: OrganizationId) =>
    db.selectFrom("enrollment").selectAll().where("organization", "=", organizationKey(connection, organizationId));
  return {
    async find(organizationId, enrollmentId) {
      const row = await enrollments(organizationId).where("enrollment_id", "=", enrollmentId).executeTakeFirst();
      return row && enrollmentRow(row);
    },
    async findSubmitted(organizationId, email) {
      const row = await enrollments(organizationId)
        .where("email", "=", email)
        .where("status", "=", "SUBMITTED")
        .executeTakeFirst();
      return row && enrollmentRow(row);
    },
    async listSubmitted(organizationId) {
      const query = enrollments(organizationId).where("status", "=", "SUBMITTED");
      return (await query.orderBy("submitted_on").orderBy("_id").execute()).map(enrollmentRow);
    },
    async usage(organizationId) {
      const rows = await db
        .selectFrom("enrollment")
        .select(({ fn }) => ["status", fn.countAll<number>().as("count"), fn.sum<number>("size").as("bytes")])
        .where("organization", "=", organizationKey(connection, organizationId))
        .where("status", "in", ["SUBMITTED", "CANCELLED"])
        .groupBy("status")
        .execute();
      return {
        waiting: rows.find(({ status }) => status === "SUBMITTED")?.count ?? 0,
        bytes: rows.reduce((total, { bytes }) => total + bytes, 0),
      };
    },
    async forgetCancelled(organizationId, keep) {
      await guard.family(organizationId, "enrollments");
      const organization = organizationKey(connection, organizationId);
      await db
        .deleteFrom("enrollment")
        .where("organization", "=", organization)
        .where("status", "=", "CANCELLED")
        .where("_id", "not in", (inner) =>
          inner
            .selectFrom("enrollment as kept")
            .select("kept._id")
            .where("kept.organization", "=", organization)
            .where("kept.status", "=", "CANCELLED")
            .orderBy("kept.submitted_on", "desc")
            .orderBy("kept._id", "desc")
            .limit(keep),
        )
        .execute();
    },
    async insert(organizationId, row) {
      await guard.family(organizationId, "enrollments");
      await db
        .insertInto("enrollment")
        .values({
          organization: organizationKey(connection, organizationId),
          enrollment_id: row.enrollmentId,
          email: row.email,
          submitted_on: row.submittedOn,
          payload: row.payload,
          signature: encode(EnrollmentSignatureCodec, row.signature),
          size: enrollmentSize(row),
          ...stateColumns(row.state),
        })
        .execute();
    },
    async setState(organizationId, enrollmentId, state) {
      await guard.family(organizationId, "enrollments");
      const changed = await db
        .updateTable("enrollment")
        .set(stateColumns(state))
        .where("organization", "=", organizationKey(connection, organizationId))
        .where("enrollment_id", "=", enrollmentId)
        .executeTakeFirstOrThrow();
      mustHaveChanged(changed, "enrollment");
    },
  };
}

function stateColumns(state: EnrollmentState) {
  const accepted = state.status === "ACCEPTED" ? state : undefined;
  return {
    status: state.status,
    ended_on: state.status === "SUBMITTED" ? null : state.on,
    accept_payload: accepted?.payload ?? null,
    accept_signature: accepted === undefined ? null : encode(EnrollmentSignatureCodec, accepted.signature),
  };
}

function enrollmentRow(row: Selectable<EnrollmentTable>): EnrollmentRow {
  return {
    enrollmentId: row.enrollment_id,
    email: row.email,
    submittedOn: row.submitted_on,
    payload: bytesOf(row.payload),
    signature: decode(EnrollmentSignatureCodec, bytesOf(row.signature)),
    state: stateOf(row),
  };
}

function stateOf(row: Selectable<EnrollmentTable>): EnrollmentState {
  const { status, ended_on: on, accept_payload: payload, accept_signature: signature } = row;
  if (status === "SUBMITTED") return { status };
  if (on === null) throw new BugError("An enrollment has ended without a date");
  if (status !== "ACCEPTED") return { status, on };
  if (payload === null || signature === null) throw new BugError("An enrollment was accepted without payload");
  return { status, on, payload: bytesOf(payload), signature: decode(EnrollmentSignatureCodec, bytesOf(signature)) };
}
