import { type BlockCreateRequest, blockCreate } from "@parsec/protocol";
import { isRoleAtLeast } from "@parsec/types";
import { BlockStoreError } from "../../block-store/port.ts";
import { authorRole, lastRealmTimestamp, lockRealm } from "../../rules/realm.ts";
import { authenticated } from "../handler.ts";
import { isReply } from "../reply.ts";
import type { AuthorScope } from "../scope.ts";

/** Spec 08b §7.5. The bytes are uploaded between two transactions; a race is seen at the insertion. */
export const blockCreateHandler = authenticated(blockCreate).inSteps(async (call, request) => {
  const { realmId, blockId, keyIndex, block } = request;
  const checked = await call.transaction(
    async (scope) => (await check(scope, request)) ?? { organizationId: scope.organizationId },
  );
  if (isReply(checked)) return checked;
  try {
    await call.server.blockStore.write(checked.organizationId, blockId, block);
  } catch (error) {
    if (error instanceof BlockStoreError) return { status: "store_unavailable" };
    throw error;
  }
  return await call.transaction(async ({ tx, organizationId, author, now }) => {
    if ((await tx.blocks.find(organizationId, realmId, blockId)) !== undefined) {
      return { status: "block_already_exists" } as const;
    }
    const row = { blockId, author: author.device.deviceId, size: block.length, keyIndex, createdOn: now };
    await tx.blocks.insert(organizationId, realmId, row);
    return { status: "ok" } as const;
  });
});

async function check(scope: AuthorScope, { realmId, blockId, keyIndex }: BlockCreateRequest) {
  const { tx, organizationId } = scope;
  const realm = await lockRealm(scope, realmId, "read");
  if (realm === undefined) return { status: "realm_not_found" } as const;
  if (realm.status === "ARCHIVED_OR_DELETION_PLANNED") return { status: "realm_archived" } as const;
  if (realm.status === "DELETED") return { status: "realm_deleted" } as const;
  if (keyIndex !== realm.keyIndex) {
    return { status: "bad_key_index", ...(await lastRealmTimestamp(scope, realmId)) } as const;
  }
  if (!isRoleAtLeast(await authorRole(scope, realmId), "CONTRIBUTOR")) return { status: "author_not_allowed" } as const;
  if ((await tx.blocks.find(organizationId, realmId, blockId)) !== undefined) {
    return { status: "block_already_exists" } as const;
  }
  return undefined;
}
