import { sealBlock } from "@parsec/crypto";
import { blockCreate } from "@parsec/protocol";
import type { BlockAccess, DateTime } from "@parsec/types";
import { UnexpectedReplyError } from "../../errors.ts";
import type { WorkspaceContext } from "../context.ts";
import { realmReplyError } from "../remote/realm-replies.ts";

export interface UploadOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A server that asks again and again for another key is not obeyed for ever. */
const maxKeyChanges = 8;

/**
 * Puts one block on the server, encrypted with the latest key of the realm. That the server has it already is fine.
 * @throws WorkspaceError BLOCKSTORE_UNAVAILABLE, REALM_ARCHIVED; ClientError; UnexpectedReplyError
 */
export async function uploadBlock(
  context: WorkspaceContext,
  access: BlockAccess,
  data: Uint8Array,
  options: UploadOptions = {},
): Promise<void> {
  const { session, realmId } = context;
  await withLatestKey(context, "block_create", options, async () => {
    const { key, keyIndex } = await session.realmKeys.forEncryption(realmId, access.id, options);
    const block = await sealBlock(key, data, options);
    const reply = await session.connection.send(blockCreate, { blockId: access.id, realmId, keyIndex, block }, options);
    switch (reply.status) {
      case "ok":
      case "block_already_exists":
        return { done: undefined };
      case "bad_key_index":
        return { newerKeyAt: reply.lastRealmCertificateTimestamp };
      default:
        throw realmReplyError("block_create", reply);
    }
  });
}

/** What came of one try with the latest key that this device knows. */
export type KeyedAttempt<T> = { readonly done: T } | { readonly newerKeyAt: DateTime };

/** Tries until the key is the latest one: after a refusal, the certificates up to the server's date name a newer one. */
export async function withLatestKey<T>(
  { session, realmId }: WorkspaceContext,
  command: string,
  options: UploadOptions,
  attempt: () => Promise<KeyedAttempt<T>>,
): Promise<T> {
  for (let changes = 0; changes <= maxKeyChanges; changes += 1) {
    const outcome = await attempt();
    if ("done" in outcome) return outcome.done;
    await session.certificates.require({ realm: new Map([[realmId, outcome.newerKeyAt]]) }, options);
  }
  throw new UnexpectedReplyError(command, "bad_key_index");
}
