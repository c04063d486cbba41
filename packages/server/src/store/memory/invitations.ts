import type { GreetingAttemptId } from "@parsec/types";
import type { InvitationQueries } from "../port/invitations.ts";
import { type MemoryData, organizationOf, present, unique } from "./data.ts";
import type { Journal } from "./journal.ts";

export function memoryInvitations(data: MemoryData, journal: Journal): InvitationQueries {
  const stepKey = (attemptId: GreetingAttemptId, index: number) => `${attemptId}:${index}`;
  return {
    async find(organizationId, token) {
      return organizationOf(data, organizationId).invitations.get(token);
    },
    async list(organizationId) {
      return [...organizationOf(data, organizationId).invitations.values()];
    },
    async insert(organizationId, row) {
      const { invitations } = organizationOf(data, organizationId);
      unique(invitations, row.token, "invitation");
      journal.set(invitations, row.token, row);
    },
    async setEnded(organizationId, token, ended) {
      const { invitations } = organizationOf(data, organizationId);
      journal.set(invitations, token, { ...present(invitations.get(token), "invitation"), ended });
    },
    async findAttempt(organizationId, attemptId) {
      return organizationOf(data, organizationId).attempts.get(attemptId);
    },
    async attempts(organizationId, token, greeter) {
      const all = [...organizationOf(data, organizationId).attempts.values()];
      return all.filter((attempt) => attempt.token === token && attempt.greeter === greeter);
    },
    async putAttempt(organizationId, row) {
      journal.set(organizationOf(data, organizationId).attempts, row.attemptId, row);
    },
    async step(organizationId, attemptId, index) {
      const found = organizationOf(data, organizationId).steps.get(stepKey(attemptId, index));
      return found ?? { GREETER: null, CLAIMER: null };
    },
    async putStep(organizationId, attemptId, index, row) {
      journal.set(organizationOf(data, organizationId).steps, stepKey(attemptId, index), row);
    },
  };
}
