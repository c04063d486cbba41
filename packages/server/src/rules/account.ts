import type { SecretKey } from "@parsec/crypto";
import type { AccountAuthMethodId, EmailAddress, UntrustedPasswordAlgorithm } from "@parsec/types";
import type { Scope } from "../commands/scope.ts";
import type { AuthMethodRow, VaultId } from "../store/port/accounts.ts";

/** A new authentication method, as requests hold it. */
export interface NewAuthMethod {
  readonly authMethodId: AccountAuthMethodId;
  readonly macKey: SecretKey;
  readonly vaultKeyAccess: Uint8Array;
  readonly passwordAlgorithm: UntrustedPasswordAlgorithm | null;
}

/** Adds a method to a vault, with who created it. */
export async function addAuthMethod(
  { tx, now, client }: Scope,
  vaultId: VaultId,
  method: NewAuthMethod,
): Promise<void> {
  await tx.accounts.insertAuthMethod({
    authMethodId: method.authMethodId,
    vaultId,
    createdOn: now,
    createdByIp: client.ip,
    createdByUserAgent: client.userAgent,
    macKey: method.macKey.toBytes(),
    vaultKeyAccess: method.vaultKeyAccess,
    passwordAlgorithm: method.passwordAlgorithm,
    disabledOn: null,
  });
}

/** Ends every method of an account that is still active; those disabled earlier keep their date. */
export async function disableAllMethods({ tx, now }: Scope, email: EmailAddress): Promise<void> {
  for (const { vaultId } of await tx.accounts.vaults(email)) {
    for (const method of await activeMethods(tx, vaultId)) {
      await tx.accounts.setAuthMethodDisabled(method.authMethodId, now);
    }
  }
}

export async function activeMethods({ accounts }: Scope["tx"], vaultId: VaultId): Promise<readonly AuthMethodRow[]> {
  return (await accounts.authMethods(vaultId)).filter(({ disabledOn }) => disabledOn === null);
}

/** True when the id was used by any account, ever. */
export async function isMethodIdTaken({ tx }: Scope, authMethodId: AccountAuthMethodId): Promise<boolean> {
  return (await tx.accounts.findAuthMethod(authMethodId)) !== undefined;
}
