import { Bytes, Index, VlobId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Fetches a keys bundle and the caller's access to it. For any member; an unknown realm and one without the caller
 * both give `author_not_allowed` (spec 05 §13.1).
 */
export const realmGetKeysBundle = /* @__PURE__ */ command("authenticated", "realm_get_keys_bundle", () => ({
  request: { realmId: VlobId, keyIndex: Index },
  replies: {
    ok: { keysBundleAccess: Bytes, keysBundle: Bytes },
    access_not_available_for_author: {},
    author_not_allowed: {},
    realm_deleted: {},
    bad_key_index: {},
  },
}));
export type RealmGetKeysBundleRequest = RequestOf<typeof realmGetKeysBundle>;
export type RealmGetKeysBundleReply = ReplyOf<typeof realmGetKeysBundle>;
