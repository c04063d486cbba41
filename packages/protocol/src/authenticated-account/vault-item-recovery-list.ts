import {
  AccountAuthMethodId,
  Bytes,
  DateTime,
  type Infer,
  list,
  map,
  nullable,
  Str,
  struct,
  UntrustedPasswordAlgorithm,
} from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { HashDigestHex } from "../shared/hash-digest-hex.ts";

/** A way to log in to an account, active or disabled, with its access to the vault key. */
export const VaultItemRecoveryAuthMethod = /* @__PURE__ */ struct({
  authMethodId: AccountAuthMethodId,
  createdOn: DateTime,
  disabledOn: /* @__PURE__ */ nullable(DateTime),
  createdByIp: Str,
  createdByUserAgent: Str,
  vaultKeyAccess: Bytes,
  passwordAlgorithm: /* @__PURE__ */ nullable(UntrustedPasswordAlgorithm),
});
export type VaultItemRecoveryAuthMethod = Infer<typeof VaultItemRecoveryAuthMethod>;

/** A vault, current or previous: its items by fingerprint, and the methods that hold its key. */
export const VaultItemRecoveryVault = /* @__PURE__ */ struct({
  authMethods: /* @__PURE__ */ list(VaultItemRecoveryAuthMethod),
  vaultItems: /* @__PURE__ */ map(HashDigestHex, Bytes),
});
export type VaultItemRecoveryVault = Infer<typeof VaultItemRecoveryVault>;

/** Lists the current vault and the previous ones, with all their authentication methods (spec 05 §13.6). */
export const vaultItemRecoveryList = /* @__PURE__ */ command(
  "authenticated_account",
  "vault_item_recovery_list",
  () => ({
    request: {},
    replies: {
      ok: { currentVault: VaultItemRecoveryVault, previousVaults: list(VaultItemRecoveryVault) },
    },
  }),
);
export type VaultItemRecoveryListRequest = RequestOf<typeof vaultItemRecoveryList>;
export type VaultItemRecoveryListReply = ReplyOf<typeof vaultItemRecoveryList>;
