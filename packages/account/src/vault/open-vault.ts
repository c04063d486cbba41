import type { SendOptions } from "@parsec/connection";
import type { SecretKey } from "@parsec/crypto";
import { type HashDigestHex, vaultItemList } from "@parsec/protocol";
import { openAccountVaultKeyAccess } from "@parsec/types";
import { expectOk } from "../reply.ts";
import type { AccountSession, ActiveMethod } from "../session.ts";
import { orCorrupted } from "./corrupted.ts";

/** The current vault of an account, with its key. */
export interface OpenVault {
  readonly method: ActiveMethod;
  readonly vaultKey: SecretKey;
  /** As stored, by fingerprint. */
  readonly items: ReadonlyMap<HashDigestHex, Uint8Array>;
}

/**
 * Opens the vault for one operation; its key is wiped afterwards (spec 07 §3.1). `use` gets the options to wait with.
 * @throws AccountError BAD_VAULT_KEY_ACCESS, LOGGED_OUT; ConnectionError
 */
export function withVault<T>(
  session: AccountSession,
  options: SendOptions,
  use: (vault: OpenVault, options: SendOptions) => T | Promise<T>,
): Promise<T> {
  return session.run(async (method, joined) => {
    const { keyAccess, items } = expectOk(await method.connection.send(vaultItemList, {}, joined));
    const vaultKey = orCorrupted("BAD_VAULT_KEY_ACCESS", () =>
      openAccountVaultKeyAccess(keyAccess, method.keys.secretKey),
    );
    try {
      return await use({ method, vaultKey, items }, joined);
    } finally {
      vaultKey.destroy();
    }
  }, options);
}
