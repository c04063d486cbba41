import { toBase64 } from "@parsec/base";
import type { DateTime, DeviceId } from "@parsec/types";
import { readBlock } from "../../block-store/content.ts";
import type { BlockStore } from "../../block-store/port.ts";
import type { KeyRotationRow, RealmRoleRow, RealmRow } from "../../store/port/realms.ts";
import { byDate, type DumpContext, type DumpedOperation } from "./operation.ts";

/** Realm by realm: the certificates in their order, the vlobs in checkpoint order, the blocks, the deletion. */
export async function realmOperations(
  context: DumpContext,
  blockStore: BlockStore,
): Promise<readonly DumpedOperation[]> {
  const operations: DumpedOperation[] = [];
  for (const realm of await context.tx.realms.list(context.organizationId)) {
    const parts = [
      byDate(await certificates(context, realm)),
      await vlobs(context, realm),
      await blocks(context, realm, blockStore),
    ];
    for (const operation of parts.flat()) operations.push(operation);
    const { realmId, deletedOn } = realm;
    if (deletedOn !== null) operations.push({ op: "realm_delete", timestamp: deletedOn, realm_id: realmId });
  }
  return operations;
}

/** What every operation made from a certificate has. */
interface Certified {
  readonly timestamp: DateTime;
  readonly author: DeviceId;
}

async function certificates(context: DumpContext, { realmId }: RealmRow) {
  const { tx, organizationId } = context;
  const roles = await tx.realms.roles(organizationId, realmId);
  const operations: (DumpedOperation & Certified)[] = [];
  for (const [index, row] of roles.entries()) operations.push(await roleOperation(context, row, index === 0));
  for (const row of await tx.realms.rotations(organizationId, realmId)) {
    operations.push(await rotationOperation(context, row));
  }
  for (const row of await tx.realms.names(organizationId, realmId)) {
    operations.push({ op: "realm_rename", ...certified(row), realm_name_certificate: toBase64(row.certificate) });
  }
  for (const row of await tx.realms.archivings(organizationId, realmId)) {
    const archiving_certificate = toBase64(row.certificate);
    operations.push({ op: "realm_update_archiving", ...certified(row), archiving_certificate });
  }
  return operations;
}

function certified(row: { readonly certifiedOn: DateTime; readonly certifiedBy: DeviceId }): Certified {
  return { timestamp: row.certifiedOn, author: row.certifiedBy };
}

async function roleOperation(context: DumpContext, row: RealmRoleRow, isFirst: boolean) {
  const { tx, organizationId } = context;
  const common = { ...certified(row), realm_role_certificate: toBase64(row.certificate) };
  if (isFirst) return { op: "realm_create", ...common };
  if (row.role === null) return { op: "realm_unshare", ...common };
  const author = await tx.users.findDevice(organizationId, row.certifiedBy);
  if (author?.userId === row.userId) return { op: "realm_self_promote_to_owner", ...common };
  return { op: "realm_share", ...common, ...(await accessWith(context, row)) };
}

/** The access that came with a role. It is gone in a deleted realm: the key index of that time remains. */
async function accessWith({ tx, organizationId }: DumpContext, { realmId, userId, certifiedOn }: RealmRoleRow) {
  const given = (await tx.realms.accesses(organizationId, realmId)).find(
    (access) => access.fromSharing && access.userId === userId && access.givenOn === certifiedOn,
  );
  if (given !== undefined) {
    return { key_index: given.keyIndex, recipient_keys_bundle_access: toBase64(given.access) };
  }
  const rotations = await tx.realms.rotations(organizationId, realmId);
  const keyIndex = rotations.findLast((rotation) => rotation.certifiedOn <= certifiedOn)?.keyIndex ?? 0;
  return { key_index: keyIndex, recipient_keys_bundle_access: "" };
}

async function rotationOperation({ tx, organizationId, organization }: DumpContext, row: KeyRotationRow) {
  const { realmId, keyIndex } = row;
  const participants = (await tx.realms.accesses(organizationId, realmId)).filter(
    (access) => !access.fromSharing && access.keyIndex === keyIndex,
  );
  const services = (await tx.realms.serviceAccesses(organizationId, realmId)).filter(
    (access) => access.keyIndex === keyIndex,
  );
  const sequestered = (organization.bootstrap?.sequesterAuthority ?? null) !== null;
  return {
    op: "realm_rotate_key",
    ...certified(row),
    realm_key_rotation_certificate: toBase64(row.certificate),
    per_participant_keys_bundle_access: Object.fromEntries(
      participants.map(({ userId, access }) => [userId, toBase64(access)]),
    ),
    per_sequester_service_keys_bundle_access: sequestered
      ? Object.fromEntries(services.map(({ serviceId, access }) => [serviceId, toBase64(access)]))
      : null,
    keys_bundle: toBase64(row.keysBundle),
  };
}

async function vlobs({ tx, organizationId }: DumpContext, { realmId }: RealmRow): Promise<readonly DumpedOperation[]> {
  return (await tx.vlobs.list(organizationId, realmId)).map((row) => ({
    op: row.version === 1 ? "vlob_create" : "vlob_update",
    timestamp: row.timestamp,
    author: row.author,
    realm_id: realmId,
    vlob_id: row.vlobId,
    key_index: row.keyIndex,
    ...(row.version === 1 ? {} : { version: row.version }),
    blob: toBase64(row.blob),
  }));
}

async function blocks({ tx, organizationId }: DumpContext, { realmId }: RealmRow, blockStore: BlockStore) {
  const operations: DumpedOperation[] = [];
  for (const row of await tx.blocks.list(organizationId, realmId)) {
    operations.push({
      op: "block_create",
      timestamp: row.createdOn,
      author: row.author,
      realm_id: realmId,
      block_id: row.blockId,
      key_index: row.keyIndex,
      block: toBase64(await readBlock(blockStore, { organizationId, realmId, blockId: row.blockId }, row)),
    });
  }
  return operations;
}
