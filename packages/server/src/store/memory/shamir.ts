import type { DateTime, UserId } from "@parsec/types";
import type { ShamirQueries, ShamirSetupRow } from "../port/shamir.ts";
import { type MemoryData, organizationOf, present } from "./data.ts";
import type { Journal } from "./journal.ts";

export function memoryShamir(data: MemoryData, journal: Journal): ShamirQueries {
  return {
    async find(organizationId, userId, createdOn) {
      return organizationOf(data, organizationId).shamirSetups.find(isSetup(userId, createdOn));
    },
    async findActive(organizationId, userId) {
      const { shamirSetups } = organizationOf(data, organizationId);
      return shamirSetups.find((row) => row.userId === userId && row.deletion === null);
    },
    async list(organizationId) {
      return [...organizationOf(data, organizationId).shamirSetups];
    },
    async concerning(organizationId, userId) {
      const { shamirSetups } = organizationOf(data, organizationId);
      const holds = ({ shares }: ShamirSetupRow) => shares.some(({ recipient }) => recipient === userId);
      return shamirSetups.filter((row) => row.userId === userId || holds(row));
    },
    async insert(organizationId, row) {
      journal.push(organizationOf(data, organizationId).shamirSetups, row);
    },
    async setDeleted(organizationId, userId, createdOn, deletion) {
      const { shamirSetups } = organizationOf(data, organizationId);
      const index = shamirSetups.findIndex(isSetup(userId, createdOn));
      const old = present(shamirSetups[index], "shamir setup");
      journal.apply(
        () => {
          shamirSetups[index] = { ...old, deletion, cipheredData: null };
        },
        () => {
          shamirSetups[index] = old;
        },
      );
    },
  };
}

export function isSetup(userId: UserId, createdOn: DateTime): (row: ShamirSetupRow) => boolean {
  return (row) => row.userId === userId && row.createdOn === createdOn;
}
