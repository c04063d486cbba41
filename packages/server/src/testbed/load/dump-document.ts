import type { OrganizationId } from "@parsec/types";
import { type JsonFields, jsonList, jsonText } from "../../http/json-fields.ts";
import type { Transaction } from "../../store/port/store.ts";
import { TestbedError } from "../error.ts";
import { loadOperations } from "./load.ts";
import { type DumpDefaults, dumpedOrganization } from "./organization.ts";
import type { LoadedBlock } from "./realms.ts";

export const dumpFormat = "parsec-organization-dump/1";

/** An organization as it is written down (spec 13 §2). */
export interface DumpDocument {
  readonly organization: unknown;
  readonly operations: readonly unknown[];
}

/** @throws TestbedError @throws JsonFieldError */
export function parseDump(dump: JsonFields): DumpDocument {
  if (dump.required("format", jsonText) !== dumpFormat) throw new TestbedError("bad_dump", "Unknown format of a dump");
  const organization = dump.optional("organization", (value) => value);
  return { organization, operations: dump.required("operations", jsonList) };
}

/** Makes the organization of a dump, which is not there yet: its blocks, to be written afterwards. @throws OperationError */
export async function loadDump(
  tx: Transaction,
  defaults: DumpDefaults,
  organizationId: OrganizationId,
  { organization, operations }: DumpDocument,
): Promise<readonly LoadedBlock[]> {
  await tx.organizations.put(dumpedOrganization(defaults, organizationId, organization));
  await tx.lockAll(organizationId);
  // Nobody listens to an organization that is not there yet.
  const silent: Transaction = { ...tx, emit: () => undefined };
  return await loadOperations(silent, organizationId, operations);
}
