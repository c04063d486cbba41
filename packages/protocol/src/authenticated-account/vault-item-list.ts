import { Bytes, map } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { HashDigestHex } from "../shared/hash-digest-hex.ts";

/**
 * Lists the items of the current vault, by fingerprint, with the key access of the calling authentication method
 * (spec 05 §13.6).
 */
export const vaultItemList = /* @__PURE__ */ command("authenticated_account", "vault_item_list", () => ({
  request: {},
  replies: {
    ok: { keyAccess: Bytes, items: map(HashDigestHex, Bytes) },
  },
}));
export type VaultItemListRequest = RequestOf<typeof vaultItemList>;
export type VaultItemListReply = ReplyOf<typeof vaultItemList>;
