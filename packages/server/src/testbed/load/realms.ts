import {
  BlockId,
  RealmArchivingCertificate,
  RealmKeyRotationCertificate,
  RealmNameCertificate,
  RealmRoleCertificate,
  SequesterServiceId,
  UserId,
  VlobId,
} from "@parsec/types";
import { contentOf } from "../../block-store/content.ts";
import { type JsonKind, jsonBytes, jsonCount, jsonMap, jsonNullable, jsonParsed } from "../../http/json-fields.ts";
import { advanceRealm, giveRole, insertRealm } from "../../rules/realm.ts";
import { emitVlob } from "../../rules/vlob.ts";
import {
  authorOf,
  certificateOf,
  jsonRealmId,
  type LoadContext,
  LoadError,
  type LoadOperation,
  mustHaveUser,
  realmOf,
  timestampOf,
} from "./context.ts";

export const realmCreate: LoadOperation = async (context) => {
  const { tx, organizationId } = context;
  const { value } = certificateOf(context, "realm_role_certificate", RealmRoleCertificate);
  if ((await tx.realms.find(organizationId, value.realmId)) !== undefined) {
    throw new LoadError("The realm exists already");
  }
  await insertRealm({ tx, organizationId }, value.realmId, value.timestamp);
  await loadRole(context);
};

export const realmShare: LoadOperation = async (context) => {
  const { tx, organizationId, fields } = context;
  const keyIndex = fields.required("key_index", jsonCount);
  const access = fields.required("recipient_keys_bundle_access", jsonBytes);
  const { realmId, userId, role, timestamp } = await loadRole(context);
  if (role === null) throw new LoadError("A share gives a role");
  if ((await tx.realms.rotation(organizationId, realmId, keyIndex)) === undefined) {
    throw new LoadError("There is no keys bundle of that index");
  }
  const row = { userId, keyIndex, access, givenOn: timestamp, fromSharing: true };
  await tx.realms.addAccess(organizationId, realmId, row);
};

export const realmUnshare: LoadOperation = async (context) => {
  const { role } = await loadRole(context);
  if (role !== null) throw new LoadError("An unshare gives no role");
};

export const realmSelfPromoteToOwner: LoadOperation = async (context) => {
  await loadRole(context);
};

async function loadRole(context: LoadContext): Promise<RealmRoleCertificate> {
  const { tx, organizationId } = context;
  timestampOf(context);
  const author = await authorOf(context);
  const { value, bytes } = certificateOf(context, "realm_role_certificate", RealmRoleCertificate);
  const { realmId, userId, role, timestamp } = value;
  await realmOf(context, realmId);
  await mustHaveUser(context, userId);
  const certified = { certificate: bytes, certifiedBy: author.deviceId, certifiedOn: timestamp };
  await giveRole({ tx, organizationId }, { realmId, userId, role, ...certified });
  return value;
}

export const realmRename: LoadOperation = async (context) => {
  const { tx, organizationId } = context;
  timestampOf(context);
  const author = await authorOf(context);
  const { value, bytes } = certificateOf(context, "realm_name_certificate", RealmNameCertificate);
  const { realmId, timestamp } = value;
  await realmOf(context, realmId);
  const certified = { certificate: bytes, certifiedBy: author.deviceId, certifiedOn: timestamp };
  await tx.realms.addName(organizationId, { realmId, ...certified });
  await advanceRealm({ tx, organizationId }, realmId, timestamp, author.userId);
};

export const realmUpdateArchiving: LoadOperation = async (context) => {
  const { tx, organizationId } = context;
  timestampOf(context);
  const author = await authorOf(context);
  const { value, bytes } = certificateOf(context, "archiving_certificate", RealmArchivingCertificate);
  const { realmId, configuration, timestamp } = value;
  const { status } = await realmOf(context, realmId);
  const certified = { certificate: bytes, certifiedBy: author.deviceId, certifiedOn: timestamp };
  await tx.realms.addArchiving(organizationId, { realmId, configuration, ...certified });
  if (status !== "DELETED") {
    const newStatus = configuration.type === "AVAILABLE" ? "AVAILABLE" : "ARCHIVED_OR_DELETION_PLANNED";
    await tx.realms.setStatus(organizationId, realmId, newStatus);
  }
  await advanceRealm({ tx, organizationId }, realmId, timestamp, author.userId);
};

export const realmRotateKey: LoadOperation = async (context) => {
  const { tx, organizationId, fields } = context;
  timestampOf(context);
  const author = await authorOf(context);
  const { value, bytes } = certificateOf(context, "realm_key_rotation_certificate", RealmKeyRotationCertificate);
  const { realmId, keyIndex, timestamp } = value;
  const keysBundle = fields.required("keys_bundle", jsonBytes);
  const participants = fields.required("per_participant_keys_bundle_access", jsonAccesses(UserId.parse));
  const services = fields.optional(
    "per_sequester_service_keys_bundle_access",
    jsonNullable(jsonAccesses(SequesterServiceId.parse)),
  );
  await realmOf(context, realmId);
  if ((await tx.realms.rotation(organizationId, realmId, keyIndex)) !== undefined) {
    throw new LoadError("There is a keys bundle of that index already");
  }
  const certified = { certificate: bytes, certifiedBy: author.deviceId, certifiedOn: timestamp };
  await tx.realms.addRotation(organizationId, { realmId, keyIndex, keysBundle, ...certified });
  for (const [userId, access] of participants) {
    await mustHaveUser(context, userId);
    const row = { userId, keyIndex, access, givenOn: timestamp, fromSharing: false };
    await tx.realms.addAccess(organizationId, realmId, row);
  }
  for (const [serviceId, access] of services ?? []) {
    if ((await tx.sequester.find(organizationId, serviceId)) === undefined) {
      throw new LoadError("The sequester service does not exist");
    }
    await tx.realms.addServiceAccess(organizationId, realmId, { serviceId, keyIndex, access });
  }
  await advanceRealm({ tx, organizationId }, realmId, timestamp, author.userId);
};

/** An object whose names are ids, and whose values bytes. */
function jsonAccesses<Id extends string>(
  parse: (text: string) => Id | undefined,
): JsonKind<ReadonlyMap<Id, Uint8Array>> {
  return (value) => {
    const byText = jsonMap(jsonBytes)(value);
    if (byText === undefined) return undefined;
    const byId = new Map<Id, Uint8Array>();
    for (const [text, access] of byText) {
      const id = parse(text);
      if (id === undefined) return undefined;
      byId.set(id, access);
    }
    return byId;
  };
}

export const realmDelete: LoadOperation = async (context) => {
  const { tx, organizationId, fields } = context;
  const realmId = fields.required("realm_id", jsonRealmId);
  await realmOf(context, realmId);
  await tx.realms.erase(organizationId, realmId, timestampOf(context));
};

export const vlobCreate: LoadOperation = async (context) => await loadVlob(context, 1);

export const vlobUpdate: LoadOperation = async (context) => {
  await loadVlob(context, context.fields.required("version", jsonCount));
};

async function loadVlob(context: LoadContext, version: number): Promise<void> {
  const { tx, organizationId, fields } = context;
  const author = await authorOf(context);
  const realmId = fields.required("realm_id", jsonRealmId);
  const vlobId = fields.required("vlob_id", jsonParsed(VlobId.parse));
  const keyIndex = fields.required("key_index", jsonCount);
  const blob = fields.required("blob", jsonBytes);
  await realmOf(context, realmId);
  if (version !== (await tx.vlobs.lastVersion(organizationId, realmId, vlobId)) + 1) {
    throw new LoadError("The vlob's version does not follow the last one");
  }
  const row = { vlobId, version, keyIndex, blob, author: author.deviceId, timestamp: timestampOf(context) };
  await tx.vlobs.insert(organizationId, realmId, row);
  await emitVlob({ tx, organizationId }, realmId, row);
}

/** The block's bytes, that go to the block store once the transaction has committed. */
export interface LoadedBlock {
  readonly realmId: VlobId;
  readonly blockId: BlockId;
  readonly block: Uint8Array;
}

export async function blockCreate(context: LoadContext): Promise<LoadedBlock> {
  const { tx, organizationId, fields } = context;
  const { deviceId: author } = await authorOf(context);
  const realmId = fields.required("realm_id", jsonRealmId);
  const blockId = fields.required("block_id", jsonParsed(BlockId.parse));
  const keyIndex = fields.required("key_index", jsonCount);
  const block = fields.required("block", jsonBytes);
  const createdOn = timestampOf(context);
  await realmOf(context, realmId);
  if ((await tx.blocks.find(organizationId, realmId, blockId)) !== undefined) {
    throw new LoadError("The block exists already");
  }
  await tx.blocks.insert(organizationId, realmId, { blockId, author, ...contentOf(block), keyIndex, createdOn });
  return { realmId, blockId, block };
}
