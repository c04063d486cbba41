import { requireMethods, requireObject } from "@parsec/base";
import { ConnectionError } from "@parsec/connection";
import { type OpaqueKeyStore, RemoteOpaqueKeyError, type RemoteOpaqueKeyErrorCode } from "@parsec/device";
import type { AccountVaultItemOpaqueKeyId } from "@parsec/types";
import type { Account } from "./account.ts";
import { AccountError } from "./errors.ts";

/**
 * The keys of device files in the vault of an account, for the protection `accountVault` of `@parsec/device`
 * (spec 06 §8.4). The account stays the caller's: it must be logged in while a device is saved or loaded.
 */
export function accountVaultKeys(account: Account): OpaqueKeyStore<AccountVaultItemOpaqueKeyId> {
  requireObject("account", account);
  const { vault } = account;
  requireMethods("account.vault", vault, "the vault of an account", "uploadKey", "fetchKey");
  return {
    upload: (key, options) => translated("UPLOAD", vault.uploadKey(key, options)),
    fetch: (id, options) => translated("FETCH", vault.fetchKey(id, options)),
  };
}

async function translated<T>(operation: "UPLOAD" | "FETCH", call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    if (!(cause instanceof AccountError || cause instanceof ConnectionError)) throw cause;
    const outcome = cause.code === "OFFLINE" ? "OFFLINE" : "FAILED";
    const code: RemoteOpaqueKeyErrorCode = `REMOTE_OPAQUE_KEY_${operation}_${outcome}`;
    throw new RemoteOpaqueKeyError(code, "PARSEC_ACCOUNT", { cause });
  }
}
