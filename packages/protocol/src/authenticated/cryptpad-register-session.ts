import { Bytes, DateTime, DeviceId, Index, nullable, VlobId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Registers an editing session of a document, or joins the one that is there: the reply is the stored session,
 * maybe somebody else's. A READER must send no edit key, and gets none; a writer must send one. Since API 5.6 (spec
 * 05 §13.1).
 */
export const cryptpadRegisterSession = /* @__PURE__ */ command("authenticated", "cryptpad_register_session", () => ({
  revision: 6,
  request: {
    realmId: VlobId,
    documentId: VlobId,
    keyIndex: Index,
    timestamp: DateTime,
    encryptedCandidateViewKey: Bytes,
    encryptedCandidateEditKey: nullable(Bytes),
  },
  replies: {
    ok: {
      author: DeviceId,
      timestamp: DateTime,
      keyIndex: Index,
      encryptedViewKey: Bytes,
      encryptedEditKey: nullable(Bytes),
      neededCommonCertificateTimestamp: DateTime,
      neededRealmCertificateTimestamp: DateTime,
    },
    cryptpad_unavailable: {},
    realm_not_found: {},
    realm_deleted: {},
    author_not_allowed: {},
    bad_key_index: { lastRealmCertificateTimestamp: DateTime },
    timestamp_out_of_ballpark: timestampOutOfBallpark,
  },
}));
export type CryptpadRegisterSessionRequest = RequestOf<typeof cryptpadRegisterSession>;
export type CryptpadRegisterSessionReply = ReplyOf<typeof cryptpadRegisterSession>;
