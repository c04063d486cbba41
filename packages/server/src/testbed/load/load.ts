import { ParsecError } from "@parsec/base";
import type { OrganizationId } from "@parsec/types";
import { JsonFields, jsonText } from "../../http/json-fields.ts";
import type { Transaction } from "../../store/port/store.ts";
import { OperationError } from "../operation-error.ts";
import { type LoadContext, LoadError, type LoadOperation } from "./context.ts";
import {
  inviteCancel,
  inviteComplete,
  inviteNewDevice,
  inviteNewShamirRecovery,
  inviteNewUser,
} from "./invitations.ts";
import {
  blockCreate,
  type LoadedBlock,
  realmCreate,
  realmDelete,
  realmRename,
  realmRotateKey,
  realmSelfPromoteToOwner,
  realmShare,
  realmUnshare,
  realmUpdateArchiving,
  vlobCreate,
  vlobUpdate,
} from "./realms.ts";
import { sequesterCreateService, sequesterRevokeService } from "./sequester.ts";
import { organizationUpdate } from "./settings.ts";
import { shamirRecoveryDelete, shamirRecoverySetup } from "./shamir.ts";
import {
  deviceCreate,
  organizationBootstrap,
  tosAccept,
  userCreate,
  userFreeze,
  userRevoke,
  userUpdate,
} from "./users.ts";

/** The operations of spec 13 §3, but block_create, which has bytes for the block store. */
const operations: Readonly<Record<string, LoadOperation>> = {
  organization_bootstrap: organizationBootstrap,
  user_create: userCreate,
  device_create: deviceCreate,
  user_update: userUpdate,
  user_revoke: userRevoke,
  user_freeze: userFreeze,
  realm_create: realmCreate,
  realm_share: realmShare,
  realm_unshare: realmUnshare,
  realm_self_promote_to_owner: realmSelfPromoteToOwner,
  realm_rename: realmRename,
  realm_rotate_key: realmRotateKey,
  realm_update_archiving: realmUpdateArchiving,
  realm_delete: realmDelete,
  vlob_create: vlobCreate,
  vlob_update: vlobUpdate,
  shamir_recovery_setup: shamirRecoverySetup,
  shamir_recovery_delete: shamirRecoveryDelete,
  invite_new_user: inviteNewUser,
  invite_new_device: inviteNewDevice,
  invite_new_shamir_recovery: inviteNewShamirRecovery,
  invite_cancel: inviteCancel,
  invite_complete: inviteComplete,
  tos_accept: tosAccept,
  sequester_create_service: sequesterCreateService,
  sequester_revoke_service: sequesterRevokeService,
  organization_update: organizationUpdate,
};

/**
 * Stores operations as if they had been executed in order, all their checks having passed (spec 13 §6). Gives the
 * blocks, to be written to the block store once the transaction has committed. Needs every lock of the organization.
 * @throws OperationError
 */
export async function loadOperations(
  tx: Transaction,
  organizationId: OrganizationId,
  list: readonly unknown[],
): Promise<readonly LoadedBlock[]> {
  const blocks: LoadedBlock[] = [];
  for (const [index, operation] of list.entries()) {
    try {
      const fields = new JsonFields(operation);
      const block = await loadOperation({ tx, organizationId, fields });
      if (block !== undefined) blocks.push(block);
      const unknown = fields.unread;
      if (unknown.length > 0) throw new OperationError(index, `Unknown field ${unknown.join(", ")}`);
    } catch (error) {
      if (error instanceof OperationError || !ParsecError.is(error) || error.code === "BUG") throw error;
      throw new OperationError(index, error.message);
    }
  }
  return blocks;
}

async function loadOperation(context: LoadContext): Promise<LoadedBlock | undefined> {
  const name = context.fields.required("op", jsonText);
  if (name === "block_create") return await blockCreate(context);
  const run = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (run === undefined) throw new LoadError(`Unknown operation ${name}`);
  await run(context);
  return undefined;
}
