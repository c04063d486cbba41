import { BugError } from "@parsec/base";
import type { OrganizationId, VlobId } from "@parsec/types";
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Flag, JsonText, Tables } from "./tables.ts";

export type SqlDialect = "postgres" | "sqlite";

/** A connection in a transaction, as queries use it. */
export interface SqlConnection {
  readonly db: Kysely<Tables>;
  readonly dialect: SqlDialect;
}

/**
 * What a query that writes asks for before it does, so that what the transaction has read stays true until it commits.
 * Each may start the transaction again, with the lock taken first: see docs/server-store.md.
 */
export interface WriteGuard {
  /** Nobody changes the organization's settings, users and devices meanwhile. Every other write begins with this. */
  shared(organizationId: OrganizationId): Promise<void>;
  /** Nobody else writes anything in the organization. */
  exclusive(organizationId: OrganizationId): Promise<void>;
  /** As {@link exclusive}, unless that would have to wait: then false. */
  tryExclusive(organizationId: OrganizationId): Promise<boolean>;
  /** As {@link shared}, and nobody else writes what this family of queries keeps. */
  family(organizationId: OrganizationId, family: GuardedFamily): Promise<void>;
  /** Nobody else writes an account, a vault or a code. */
  accounts(): Promise<void>;
}

/** What commands read, decide on and write without a topic's lock. */
export type GuardedFamily = "invitations" | "sequester" | "enrollments" | "totp" | "cryptpad";

/** The key of an organization, as a subquery. */
export function organizationKey({ db }: SqlConnection, organizationId: OrganizationId) {
  return db.selectFrom("organization").select("organization._id").where("organization_id", "=", organizationId);
}

/** The key of a realm, as a subquery. */
export function realmKey(connection: SqlConnection, organizationId: OrganizationId, realmId: VlobId) {
  return connection.db
    .selectFrom("realm")
    .select("realm._id")
    .where("realm.organization", "=", organizationKey(connection, organizationId))
    .where("realm.realm_id", "=", realmId);
}

/** An id in a list of values, whose type PostgreSQL cannot see from the context. */
export function idValue({ dialect }: SqlConnection, id: string): RawBuilder<unknown> {
  return dialect === "postgres" ? sql`cast(${id} as uuid)` : sql`${id}`;
}

/** A whole number in a list of values: idem. */
export function integerValue({ dialect }: SqlConnection, value: number): RawBuilder<unknown> {
  return dialect === "postgres" ? sql`cast(${value} as bigint)` : sql`${value}`;
}

/**
 * The list, its last item repeated up to a power of two: the database prepares each length of a list anew. The list must
 * not be empty.
 */
export function padded<T>(items: readonly T[]): readonly T[] {
  const last = items.at(-1);
  if (last === undefined) throw new BugError("An empty list is asked for in a query");
  const size = 2 ** Math.ceil(Math.log2(items.length));
  return [...items, ...Array.from({ length: size - items.length }, () => last)];
}

/** Rows of several organizations, by organization; the order within each stays. */
export function byOrganization<T extends { readonly organizationId: OrganizationId }>(
  rows: readonly T[],
): readonly T[] {
  return [...rows].sort(
    (a, b) => Number(a.organizationId > b.organizationId) - Number(a.organizationId < b.organizationId),
  );
}

export function flag(value: boolean): Flag {
  return value ? 1 : 0;
}

export function jsonText(text: string): JsonText {
  return JSON.stringify(text);
}

/** @throws BugError when the column holds something else */
export function textOf(json: JsonText): string {
  const text: unknown = JSON.parse(json);
  if (typeof text !== "string") throw new BugError("A column holds no JSON string");
  return text;
}

/** Bytes without the `Buffer` that a driver makes of them. */
export function bytesOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function nullableBytesOf(bytes: Uint8Array | null): Uint8Array | null {
  return bytes === null ? null : bytesOf(bytes);
}

/** @throws BugError unless the update found its row: a command must have looked for it before */
export function mustHaveChanged({ numUpdatedRows }: { readonly numUpdatedRows: bigint }, what: string): void {
  if (numUpdatedRows === 0n) throw new BugError(`A query refers to a ${what} that does not exist`);
}
