import type { AccessToken, GreetingAttemptId, UserId } from "@parsec/types";
import type { InvitationQueries, InvitationTarget } from "../port/invitations.ts";
import { byOrganization, type MemoryData, organizationOf, present, unique } from "./data.ts";
import type { Journal } from "./journal.ts";
import { isSetup } from "./shamir.ts";

export function memoryInvitations(data: MemoryData, journal: Journal): InvitationQueries {
  return {
    async find(organizationId, token) {
      return organizationOf(data, organizationId).invitations.get(token);
    },
    async list(organizationId) {
      return [...organizationOf(data, organizationId).invitations.values()];
    },
    async openFor(organizationId, target) {
      const all = [...organizationOf(data, organizationId).invitations.values()];
      return all.filter((row) => row.ended === null && isSameTarget(row.target, target));
    },
    async openForEmail(email) {
      const target = { type: "USER", claimerEmail: email } as const;
      return byOrganization(data).flatMap(([organizationId, { invitations }]) =>
        [...invitations.values()]
          .filter((row) => row.ended === null && isSameTarget(row.target, target))
          .map((invitation) => ({ organizationId, invitation })),
      );
    },
    async greetedBy(organizationId, userId, { newUsers }) {
      const { invitations, shamirSetups } = organizationOf(data, organizationId);
      return [...invitations.values()].filter(({ target }) => {
        if (target.type === "USER") return newUsers;
        if (target.type === "DEVICE") return target.claimer === userId;
        const setup = shamirSetups.find(isSetup(target.claimer, target.setupCreatedOn));
        return setup?.shares.some(({ recipient }) => recipient === userId) ?? false;
      });
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
      const { attempts, attemptIds } = organizationOf(data, organizationId);
      const ids: readonly GreetingAttemptId[] = attemptIds.get(sessionKey(token, greeter)) ?? [];
      return ids.map((attemptId) => present(attempts.get(attemptId), "greeting attempt"));
    },
    async forgetAttempts(organizationId, token, greeter, keep) {
      const { attempts, attemptIds, steps } = organizationOf(data, organizationId);
      const ids = attemptIds.get(sessionKey(token, greeter)) ?? [];
      const forgotten = ids.slice(0, Math.max(0, ids.length - keep));
      if (forgotten.length === 0) return;
      for (const attemptId of forgotten) {
        journal.delete(attempts, attemptId);
        journal.delete(steps, attemptId);
      }
      journal.set(attemptIds, sessionKey(token, greeter), ids.slice(forgotten.length));
    },
    async removeSteps(organizationId, attemptId) {
      journal.delete(organizationOf(data, organizationId).steps, attemptId);
    },
    async putAttempt(organizationId, row) {
      const { attempts, attemptIds } = organizationOf(data, organizationId);
      if (!attempts.has(row.attemptId)) {
        const key = sessionKey(row.token, row.greeter);
        journal.set(attemptIds, key, [...(attemptIds.get(key) ?? []), row.attemptId]);
      }
      journal.set(attempts, row.attemptId, row);
    },
    async step(organizationId, attemptId, index) {
      const found = organizationOf(data, organizationId).steps.get(attemptId)?.get(index);
      return found ?? { GREETER: null, CLAIMER: null };
    },
    async putStep(organizationId, attemptId, index, row) {
      const { steps } = organizationOf(data, organizationId);
      const known = steps.get(attemptId);
      if (known === undefined) journal.set(steps, attemptId, new Map([[index, row]]));
      else journal.set(known, index, row);
    },
  };
}

function sessionKey(token: AccessToken, greeter: UserId): string {
  return `${token}:${greeter}`;
}

function isSameTarget(a: InvitationTarget, b: InvitationTarget): boolean {
  if (a.type === "USER") return b.type === "USER" && a.claimerEmail === b.claimerEmail;
  if (a.type === "DEVICE") return b.type === "DEVICE" && a.claimer === b.claimer;
  return b.type === a.type && a.claimer === b.claimer && a.setupCreatedOn === b.setupCreatedOn;
}
