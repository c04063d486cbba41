import type { OrganizationId } from "@parsec/types";
import { type EnrollmentQueries, type EnrollmentState, enrollmentSize } from "../port/enrollments.ts";
import { type MemoryData, organizationOf, present, unique } from "./data.ts";
import type { Journal } from "./journal.ts";

export function memoryEnrollments(data: MemoryData, journal: Journal): EnrollmentQueries {
  return {
    async find(organizationId, enrollmentId) {
      return organizationOf(data, organizationId).enrollments.get(enrollmentId);
    },
    async findSubmitted(organizationId, email) {
      const all = [...organizationOf(data, organizationId).enrollments.values()];
      return all.find((row) => row.email === email && row.state.status === "SUBMITTED");
    },
    async listSubmitted(organizationId) {
      return oldestFirst(data, organizationId, "SUBMITTED");
    },
    async usage(organizationId) {
      const all = [...organizationOf(data, organizationId).enrollments.values()];
      const left = all.filter((row) => row.state.status === "SUBMITTED" || row.state.status === "CANCELLED");
      return {
        waiting: left.filter((row) => row.state.status === "SUBMITTED").length,
        bytes: left.reduce((total, row) => total + enrollmentSize(row), 0),
      };
    },
    async forgetCancelled(organizationId, keep) {
      const { enrollments } = organizationOf(data, organizationId);
      const cancelled = oldestFirst(data, organizationId, "CANCELLED");
      for (const { enrollmentId } of cancelled.slice(0, Math.max(0, cancelled.length - keep))) {
        journal.delete(enrollments, enrollmentId);
      }
    },
    async insert(organizationId, row) {
      const { enrollments } = organizationOf(data, organizationId);
      unique(enrollments, row.enrollmentId, "enrollment");
      journal.set(enrollments, row.enrollmentId, row);
    },
    async setState(organizationId, enrollmentId, state) {
      const { enrollments } = organizationOf(data, organizationId);
      journal.set(enrollments, enrollmentId, { ...present(enrollments.get(enrollmentId), "enrollment"), state });
    },
  };
}

function oldestFirst(data: MemoryData, organizationId: OrganizationId, status: EnrollmentState["status"]) {
  const all = [...organizationOf(data, organizationId).enrollments.values()];
  return all.filter((row) => row.state.status === status).sort((a, b) => a.submittedOn - b.submittedOn);
}
