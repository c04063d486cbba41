import { Bytes, HashDigestCodec } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Adds an item to the current vault, which has none of that fingerprint (spec 05 §13.6). */
export const vaultItemUpload = /* @__PURE__ */ command("authenticated_account", "vault_item_upload", () => ({
  request: { itemFingerprint: HashDigestCodec, item: Bytes },
  replies: {
    ok: {},
    fingerprint_already_exists: {},
  },
}));
export type VaultItemUploadRequest = RequestOf<typeof vaultItemUpload>;
export type VaultItemUploadReply = ReplyOf<typeof vaultItemUpload>;
