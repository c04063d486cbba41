import type { EnrollmentQueries } from "../port/enrollments.ts";
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
      const all = [...organizationOf(data, organizationId).enrollments.values()];
      return all.filter((row) => row.state.status === "SUBMITTED");
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
