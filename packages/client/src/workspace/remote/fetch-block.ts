import { hasCode } from "@parsec/base";
import { openBlock, type SecretKey, sha256 } from "@parsec/crypto";
import { blockRead } from "@parsec/protocol";
import type { BlockAccess } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { InvalidBlockError, WorkspaceError } from "../errors.ts";
import { realmReplyError } from "./realm-replies.ts";

/**
 * Downloads a block and checks it against its access, in the order of spec 11 §5. Gives the clear bytes.
 * @throws InvalidBlockError, WorkspaceError (CHUNK_NOT_FOUND, BLOCKSTORE_UNAVAILABLE), ClientError
 */
export async function fetchBlock(
  { session, realmId }: WorkspaceContext,
  access: BlockAccess,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Uint8Array> {
  const reply = await session.connection.send(blockRead, { blockId: access.id, realmId }, options);
  if (reply.status === "block_not_found" || reply.status === "realm_not_found") {
    throw new WorkspaceError("CHUNK_NOT_FOUND", "This content is neither on this device nor on the server");
  }
  if (reply.status !== "ok") throw realmReplyError("block_read", reply);
  const needed = { realm: new Map([[realmId, reply.neededRealmCertificateTimestamp]]) };
  await session.certificates.require(needed, options);
  const getKey = () => session.realmKeys.forDecryption(realmId, reply.keyIndex, access.id, options);
  return openCheckedBlock(reply.block, getKey, access, options);
}

/** Opens a block, and compares it with its access. @throws InvalidBlockError, and what `getKey` throws */
export async function openCheckedBlock(
  block: Uint8Array,
  getKey: () => Promise<SecretKey>,
  access: BlockAccess,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  const data = await decrypt(block, getKey, access, options);
  if (data.length !== access.size) throw new InvalidBlockError("SIZE_MISMATCH", access.id);
  const digest = await sha256(data, options);
  if (!digest.equals(access.digest)) throw new InvalidBlockError("HASH_DIGEST_MISMATCH", access.id);
  return data;
}

async function decrypt(
  block: Uint8Array,
  getKey: () => Promise<SecretKey>,
  access: BlockAccess,
  options: { signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  try {
    return await openBlock(await getKey(), block, options);
  } catch (cause) {
    if (hasCode(cause, "REALM_KEY_NOT_FOUND"))
      throw new InvalidBlockError("NON_EXISTENT_KEY_INDEX", access.id, { cause });
    if (hasCode(cause, "REALM_KEY_CORRUPTED")) throw new InvalidBlockError("CORRUPTED_KEY", access.id, { cause });
    if (hasCode(cause, "DECRYPTION", "NONCE")) throw new InvalidBlockError("CANNOT_DECRYPT", access.id, { cause });
    throw cause;
  }
}
