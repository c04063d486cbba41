import { type BlockCreateRequest, blockCreate } from "@parsec/protocol";
import { isRoleAtLeast } from "@parsec/types";
import { contentOf } from "../../block-store/content.ts";
import { BlockStoreError } from "../../block-store/port.ts";
import { authorRole, lastRealmTimestamp, lockRealm } from "../../rules/realm.ts";
import { authenticated } from "../handler.ts";
import { isReply } from "../reply.ts";
import type { AuthorScope } from "../scope.ts";

/**
 * Spec 08b §7.5. The bytes are uploaded between two transactions, the second of which checks all again. Of two creations
 * of one id in an organization at once the second waits: the bytes kept are those of the one whose row was inserted.
 */
export const blockCreateHandler = authenticated(blockCreate).inSteps(async (call, request) => {
  const { realmId, blockId, keyIndex, block } = request;
  const { organizationId } = call.caller;
  return await call.server.store.exclusively(`block ${organizationId} ${blockId}`, async () => {
    const refusal = await call.transaction(async (scope) => (await check(scope, request)) ?? { passed: true });
    if (isReply(refusal)) return refusal;
    try {
      await call.server.blockStore.put({ organizationId, realmId, blockId }, block);
    } catch (error) {
      if (error instanceof BlockStoreError) return { status: "store_unavailable" };
      throw error;
    }
    return await call.transaction(async (scope) => {
      const late = await check(scope, request);
      if (late !== undefined) return late;
      const { tx, author, now: createdOn } = scope;
      const row = { blockId, author: author.device.deviceId, ...contentOf(block), keyIndex, createdOn };
      await tx.blocks.insert(organizationId, realmId, row);
      return { status: "ok" } as const;
    });
  });
});

async function check(scope: AuthorScope, { realmId, blockId, keyIndex }: BlockCreateRequest) {
  const { server, tx, organizationId } = scope;
  const realm = await lockRealm(scope, realmId, "read");
  if (realm === undefined) return { status: "realm_not_found" } as const;
  if (realm.status === "ARCHIVED_OR_DELETION_PLANNED") return { status: "realm_archived" } as const;
  if (realm.status === "DELETED") return { status: "realm_deleted" } as const;
  if (keyIndex !== realm.keyIndex) {
    return { status: "bad_key_index", ...(await lastRealmTimestamp(scope, realmId)) } as const;
  }
  if (!isRoleAtLeast(await authorRole(scope, realmId), "CONTRIBUTOR")) return { status: "author_not_allowed" } as const;
  // What is looked for is what the bytes are kept under: a store whose keys have no realm holds one block of each id.
  const isTaken =
    server.blockStore.keying === "realm"
      ? (await tx.blocks.find(organizationId, realmId, blockId)) !== undefined
      : (await tx.blocks.realmsWith(organizationId, blockId)).length > 0;
  return isTaken ? ({ status: "block_already_exists" } as const) : undefined;
}
