import { BugError } from "@parsec/base";
import type { DateTime, VlobId } from "@parsec/types";
import { type BlockQueries, type BlockRow, type VlobQueries, type VlobRow, within } from "../port/vlobs.ts";
import { type MemoryData, organizationOf, realmOf, sum, unique } from "./data.ts";
import type { Journal } from "./journal.ts";

export function memoryVlobs(data: MemoryData, journal: Journal): VlobQueries {
  return {
    async insert(organizationId, realmId, row) {
      const realm = realmOf(data, organizationId, realmId);
      const versions = realm.versions.get(row.vlobId);
      if (row.version !== (versions?.length ?? 0) + 1)
        throw new BugError("A vlob version does not follow the last one");
      if (versions === undefined) journal.set(realm.versions, row.vlobId, [row]);
      else journal.push(versions, row);
      journal.push(realm.vlobs, row);
    },
    async lastVersion(organizationId, realmId, vlobId) {
      return realmOf(data, organizationId, realmId).versions.get(vlobId)?.length ?? 0;
    },
    async latest(organizationId, realmId, vlobs, at) {
      const { versions } = realmOf(data, organizationId, realmId);
      return vlobs.map((vlobId) => lastAt(versions.get(vlobId) ?? [], at)).filter((row) => row !== undefined);
    },
    async versions(organizationId, realmId, items) {
      const { versions } = realmOf(data, organizationId, realmId);
      return items.map(([vlobId, version]) => versions.get(vlobId)?.[version - 1]).filter((row) => row !== undefined);
    },
    async changesAfter(organizationId, realmId, checkpoint) {
      const { vlobs } = realmOf(data, organizationId, realmId);
      const changes = new Map<VlobId, number>();
      for (const { vlobId, version } of vlobs.slice(checkpoint)) changes.set(vlobId, version);
      return { changes: [...changes], current: vlobs.length };
    },
    async newestTimestamp(organizationId, realmId) {
      return newest(realmOf(data, organizationId, realmId).vlobs);
    },
    async page(organizationId, realmId, { after, limit, bytes }) {
      const rows = realmOf(data, organizationId, realmId).vlobs.slice(after, after + limit);
      const placed = rows.map((row, index) => ({ row, checkpoint: after + index + 1, size: row.blob.length }));
      return within(placed, bytes).map(({ row, checkpoint }) => ({ ...row, checkpoint }));
    },
    async list(organizationId, realmId) {
      return [...realmOf(data, organizationId, realmId).vlobs];
    },
    async totalSize(organizationId, realmId, at) {
      const rows = realmOf(data, organizationId, realmId).vlobs;
      return sum(rows.filter((row) => at === undefined || row.timestamp <= at).map((row) => row.blob.length));
    },
  };
}

export function memoryBlocks(data: MemoryData, journal: Journal): BlockQueries {
  return {
    async find(organizationId, realmId, blockId) {
      return realmOf(data, organizationId, realmId).blocks.get(blockId);
    },
    async realmsWith(organizationId, blockId) {
      const realms = [...organizationOf(data, organizationId).realms.values()];
      return realms
        .filter(({ blocks }) => blocks.has(blockId))
        .map(({ row }) => row.realmId)
        .sort();
    },
    async insert(organizationId, realmId, row) {
      const { blocks } = realmOf(data, organizationId, realmId);
      unique(blocks, row.blockId, "block");
      journal.set(blocks, row.blockId, row);
    },
    async page(organizationId, realmId, { after, limit }) {
      const { blocks } = realmOf(data, organizationId, realmId);
      const page: BlockRow[] = [];
      let isAfterIt = after === null;
      for (const row of blocks.values()) {
        if (page.length >= limit) break;
        if (isAfterIt) page.push(row);
        else isAfterIt = row.blockId === after;
      }
      return page;
    },
    async count(organizationId, realmId) {
      return realmOf(data, organizationId, realmId).blocks.size;
    },
    async list(organizationId, realmId) {
      return [...realmOf(data, organizationId, realmId).blocks.values()];
    },
    async totalSize(organizationId, realmId, at) {
      const rows = [...realmOf(data, organizationId, realmId).blocks.values()];
      return sum(rows.filter((row) => at === undefined || row.createdOn <= at).map((row) => row.size));
    },
  };
}

function lastAt(versions: readonly VlobRow[], at: DateTime | null): VlobRow | undefined {
  return at === null ? versions.at(-1) : versions.findLast((row) => row.timestamp <= at);
}

function newest(rows: readonly VlobRow[]): DateTime | undefined {
  let last: DateTime | undefined;
  for (const { timestamp } of rows) if (last === undefined || timestamp > last) last = timestamp;
  return last;
}
