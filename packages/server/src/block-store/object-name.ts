import { BlockId, type OrganizationId } from "@parsec/types";

// The names of objects in S3 and Swift, as the official server has them (spec 08c §5).

/** `<organization>/<block>`: without realm. */
export function objectName({ organizationId, blockId }: NamedBlock): string {
  return objectPrefix(organizationId) + BlockId.display(blockId);
}

/** What the names of an organization's objects begin with. */
export function objectPrefix(organizationId: OrganizationId): string {
  return `${organizationId}/`;
}

/** The block of an object's name; `undefined` for an object that is none of ours. */
export function blockOfObject(name: string, organizationId: OrganizationId): BlockId | undefined {
  const prefix = objectPrefix(organizationId);
  const text = name.slice(prefix.length);
  const blockId = name.startsWith(prefix) ? BlockId.parse(text) : undefined;
  return blockId !== undefined && BlockId.display(blockId) === text ? blockId : undefined;
}

interface NamedBlock {
  readonly organizationId: OrganizationId;
  readonly blockId: BlockId;
}
