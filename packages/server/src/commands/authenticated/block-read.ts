import { blockRead } from "@parsec/protocol";
import { readBlock } from "../../block-store/content.ts";
import { BlockStoreError } from "../../block-store/port.ts";
import { authorRole } from "../../rules/realm.ts";
import { lastTimestamp } from "../../rules/timestamp.ts";
import { authenticated } from "../handler.ts";
import { isReply } from "../reply.ts";

/** Spec 08b §7.6. */
export const blockReadHandler = authenticated(blockRead).inSteps(async (call, { realmId, blockId }) => {
  const found = await call.transaction(async (scope) => {
    const { tx, organizationId } = scope;
    const realm = await tx.realms.find(organizationId, realmId);
    if (realm === undefined) return { status: "realm_not_found" } as const;
    if (realm.status === "DELETED") return { status: "realm_deleted" } as const;
    const row = await tx.blocks.find(organizationId, realmId, blockId);
    if (row === undefined) return { status: "block_not_found" } as const;
    if ((await authorRole(scope, realmId)) === null) return { status: "author_not_allowed" } as const;
    const neededRealmCertificateTimestamp = await lastTimestamp(scope, { realm: realmId });
    return { key: { organizationId, realmId, blockId }, row, neededRealmCertificateTimestamp };
  });
  if (isReply(found)) return found;
  const { key, row, neededRealmCertificateTimestamp } = found;
  try {
    const block = await readBlock(call.server.blockStore, key, row);
    return { status: "ok", block, keyIndex: row.keyIndex, neededRealmCertificateTimestamp };
  } catch (error) {
    if (error instanceof BlockStoreError) return { status: "store_unavailable" };
    throw error;
  }
});
