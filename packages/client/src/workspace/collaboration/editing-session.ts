import { hasCode, ParsecError } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import { type CryptpadRegisterSessionReply, cryptpadRegisterSession, type OkOf } from "@parsec/protocol";
import { openCryptpadSessionKey, sealCryptpadSessionKey, type VlobId } from "@parsec/types";
import { isRevokedAt, roleAt } from "../../certificates/at.ts";
import { timestampOffset, withGreaterTimestamp } from "../../session/greater-timestamp.ts";
import type { WorkspaceContext } from "../context.ts";
import { type InvalidManifestReason, WorkspaceError } from "../errors.ts";
import { realmReplyError } from "../remote/realm-replies.ts";
import { withLatestKey } from "../sync/upload-block.ts";
import { InvalidEditingSessionError } from "./errors.ts";

/** CryptPad's own keys of a document. Secrets. */
export interface EditingKeys {
  readonly viewKey: string;
  /** `undefined` for a READER. */
  readonly editKey: string | undefined;
}

/** Keys for a session that nobody has begun yet. */
export interface CandidateKeys {
  readonly viewKey: string;
  readonly editKey: string;
}

interface SessionOptions {
  readonly signal?: AbortSignal | undefined;
}

type Session = OkOf<typeof cryptpadRegisterSession>;

/**
 * Begins an editing session of a document with these keys, or joins the one that there is: gives the keys that are in
 * use (spec 11 §18). There need be no such entry yet.
 * @throws WorkspaceError CRYPTPAD_UNAVAILABLE; InvalidEditingSessionError; ClockDriftError; RealmKeysError; ClientError
 */
export async function joinEditingSession(
  context: WorkspaceContext,
  documentId: VlobId,
  candidates: CandidateKeys,
  options: SessionOptions,
): Promise<EditingKeys> {
  const session = await withLatestKey(context, "cryptpad_register_session", options, async () => {
    const reply = await register(context, documentId, candidates, options);
    if (reply.status === "ok") return { done: reply };
    if (reply.status === "bad_key_index") return { newerKeyAt: reply.lastRealmCertificateTimestamp };
    if (reply.status !== "cryptpad_unavailable") throw realmReplyError("cryptpad_register_session", reply);
    throw new WorkspaceError("CRYPTPAD_UNAVAILABLE", "The server has no CryptPad: documents cannot be edited together");
  });
  return openKeys(context, documentId, session, options);
}

async function register(
  context: WorkspaceContext,
  documentId: VlobId,
  { viewKey, editKey }: CandidateKeys,
  options: SessionOptions,
): Promise<Exclude<CryptpadRegisterSessionReply, { readonly status: "timestamp_out_of_ballpark" }>> {
  const { session, realmId, deviceId } = context;
  const mayEdit = session.workspaceInfo(realmId).role !== "READER";
  const { reply } = await withGreaterTimestamp(session, timestampOffset.realm, async (timestamp) => {
    const { key, keyIndex } = await session.realmKeys.forEncryption(realmId, documentId, options);
    // One date for the request and for both keys.
    const seal = (canEdit: boolean, text: string) =>
      sealCryptpadSessionKey(key, session.device.signingKey, {
        type: "cryptpad_session_key",
        author: deviceId,
        timestamp,
        documentId,
        canEdit,
        key: text,
      });
    const encryptedCandidateViewKey = seal(false, viewKey);
    const encryptedCandidateEditKey = mayEdit ? seal(true, editKey) : null;
    const keys = { encryptedCandidateViewKey, encryptedCandidateEditKey };
    return session.connection.send(
      cryptpadRegisterSession,
      { realmId, documentId, keyIndex, timestamp, ...keys },
      options,
    );
  });
  return reply;
}

/** In the order of spec 11 §14, with the role that each key takes. */
async function openKeys(
  { session, realmId }: WorkspaceContext,
  documentId: VlobId,
  given: Session,
  options: SessionOptions,
): Promise<EditingKeys> {
  const { author, timestamp, encryptedEditKey, encryptedViewKey } = given;
  const invalid = (reason: InvalidManifestReason, cause?: unknown) =>
    new InvalidEditingSessionError(reason, { documentId, author, timestamp }, { cause });
  const view = await session.certificates.require(
    {
      common: given.neededCommonCertificateTimestamp,
      realm: new Map([[realmId, given.neededRealmCertificateTimestamp]]),
    },
    options,
  );
  let key: SecretKey;
  try {
    key = await session.realmKeys.forDecryption(realmId, given.keyIndex, documentId, options);
  } catch (cause) {
    if (hasCode(cause, "REALM_KEY_NOT_FOUND")) throw invalid("NON_EXISTENT_KEY_INDEX", cause);
    if (hasCode(cause, "REALM_KEY_CORRUPTED")) throw invalid("CORRUPTED_KEY", cause);
    throw cause;
  }
  const device = view.device(author);
  if (device === undefined || device.timestamp > timestamp) throw invalid("NON_EXISTENT_AUTHOR");
  if (isRevokedAt(view, device.userId, timestamp)) throw invalid("REVOKED_AUTHOR");
  const role = roleAt(view, realmId, device.userId, timestamp) ?? null;
  if (role === null) throw invalid("AUTHOR_NO_ACCESS_TO_REALM");
  if (encryptedEditKey !== null && role === "READER") throw invalid("AUTHOR_REALM_ROLE_CANNOT_WRITE");
  const open = (encrypted: Uint8Array, canEdit: boolean): string => {
    try {
      const { value } = openCryptpadSessionKey(encrypted, key, device.verifyKey, { author, timestamp, documentId });
      if (value.canEdit === canEdit) return value.key;
    } catch (cause) {
      if (!ParsecError.is(cause)) throw cause;
      throw invalid(hasCode(cause, "DECRYPTION", "NONCE") ? "CANNOT_DECRYPT" : "CLEARTEXT_CORRUPTED", cause);
    }
    throw invalid("CLEARTEXT_CORRUPTED");
  };
  return {
    viewKey: open(encryptedViewKey, false),
    editKey: encryptedEditKey === null ? undefined : open(encryptedEditKey, true),
  };
}
