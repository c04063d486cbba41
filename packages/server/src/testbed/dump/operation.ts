import type { DateTime, OrganizationId } from "@parsec/types";
import type { OrganizationRow } from "../../store/port/organizations.ts";
import type { Transaction } from "../../store/port/store.ts";

/** One operation of spec 13 §3, as JSON. */
export type DumpedOperation = Readonly<Record<string, unknown>> & { readonly op: string };

/** What dumping reads. */
export interface DumpContext {
  readonly tx: Transaction;
  readonly organizationId: OrganizationId;
  readonly organization: OrganizationRow;
}

/** Operations with a date, oldest first; those of the same date keep their order. */
export function byDate(operations: readonly (DumpedOperation & { readonly timestamp: DateTime })[]) {
  return [...operations].sort((a, b) => a.timestamp - b.timestamp);
}
