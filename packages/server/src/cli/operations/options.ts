import { DateTime, OrganizationId, VlobId } from "@parsec/types";
import { type Arguments, badOption } from "../arguments.ts";
import type { CliOption } from "../option.ts";

// Options that several commands of operators take.

export const organizationOption = {
  name: "organization",
  value: "NAME",
  help: "the organization",
} as const satisfies CliOption;

export const realmOption = { name: "realm", value: "ID", help: "id of the realm" } as const satisfies CliOption;

/** @throws StartServerError */
export function organizationOf(args: Arguments): OrganizationId {
  const text = args.required("organization");
  try {
    return OrganizationId.parse(text);
  } catch {
    throw badOption("organization", "expects the name of an organization");
  }
}

/** @throws StartServerError */
export function realmOf(args: Arguments): VlobId {
  const realmId = VlobId.parse(args.required("realm"));
  if (realmId === undefined) throw badOption("realm", "expects an id, 32 hex digits");
  return realmId;
}

/** @throws StartServerError */
export function dateOf(args: Arguments, name: string): DateTime | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  try {
    return DateTime.parseRfc3339(text);
  } catch {
    throw badOption(name, "expects a date such as 2026-01-31T12:00:00Z");
  }
}
