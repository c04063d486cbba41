import type { SendOptions } from "@parsec/connection";
import type { KeyDerivation } from "@parsec/crypto";
import { type AuthMethod, authMethodCreate, authMethodDisable, authMethodList } from "@parsec/protocol";
import { type AccountAuthMethodId, sealAccountVaultKeyAccess } from "@parsec/types";
import { requireId, requireMasterSecret, requireOptions, requirePassword } from "./arguments.ts";
import { destroyKeys, keysOf, type NewAuthMethod, newAuthMethod } from "./auth-method-keys.ts";
import { expectOk } from "./reply.ts";
import type { AccountSession } from "./session.ts";
import { type OpenVault, withVault } from "./vault/open-vault.ts";

/** A way to log in to the account. The address is empty when the server does not know it. */
export interface AuthMethodInfo
  extends Pick<AuthMethod, "authMethodId" | "createdOn" | "createdByIp" | "createdByUserAgent"> {
  readonly usesPassword: boolean;
}

/**
 * The ways to log in to an account: one password at most, and any number of master secrets (spec 07 §7).
 */
export class AuthMethods {
  readonly #session: AccountSession;

  constructor(session: AccountSession) {
    this.#session = session;
  }

  /** The active ones, oldest first. @throws LoggedInError */
  async list(options: SendOptions = {}): Promise<readonly AuthMethodInfo[]> {
    requireOptions(options);
    const { items } = expectOk(await this.#session.send(authMethodList, {}, options));
    return items.map(({ authMethodId, createdOn, createdByIp, createdByUserAgent, passwordAlgorithm }) => ({
      authMethodId,
      createdOn,
      createdByIp,
      createdByUserAgent,
      usesPassword: passwordAlgorithm !== null,
    }));
  }

  /**
   * Replaces the password, with which this login goes on. Other devices that use the old one get `BAD_AUTHENTICATION`
   * from now on. A password that the account once had is refused. When the reply is lost (`OFFLINE`), log in with the
   * new password, or else with the old one.
   * @throws NewAuthMethodError
   */
  async changePassword(password: string | Uint8Array, options: SendOptions = {}): Promise<void> {
    requirePassword("password", password);
    requireOptions(options);
    const method = await newAuthMethod({ password }, this.#session.humanHandle.email, options);
    try {
      await withVault(this.#session, options, async (vault, joined) => {
        await sendCreate(vault, method, joined);
        this.#session.replaceMethod(method);
      });
    } catch (error) {
      destroyKeys(method);
      throw error;
    }
  }

  /**
   * Adds a way to log in without password. Nothing else changes.
   * @throws NewAuthMethodError
   */
  async addMasterSecret(masterSecret: KeyDerivation, options: SendOptions = {}): Promise<AccountAuthMethodId> {
    requireMasterSecret("masterSecret", masterSecret);
    requireOptions(options);
    const method = { ...keysOf(masterSecret), passwordAlgorithm: null };
    try {
      await withVault(this.#session, options, (vault, joined) => sendCreate(vault, method, joined));
      return method.authMethodId;
    } finally {
      destroyKeys(method);
    }
  }

  /**
   * Ends another method than the one in use. Whoever used it keeps what they have read.
   * @throws DisableAuthMethodError
   */
  async disable(authMethodId: AccountAuthMethodId, options: SendOptions = {}): Promise<void> {
    requireId("authMethodId", authMethodId);
    requireOptions(options);
    expectOk(await this.#session.send(authMethodDisable, { authMethodId }, options));
  }
}

async function sendCreate(vault: OpenVault, method: NewAuthMethod, options: SendOptions): Promise<void> {
  const request = {
    authMethodPasswordAlgorithm: method.passwordAlgorithm,
    authMethodMacKey: method.macKey,
    authMethodId: method.authMethodId,
    vaultKeyAccess: sealAccountVaultKeyAccess(method.secretKey, vault.vaultKey),
  };
  expectOk(await vault.method.connection.send(authMethodCreate, request, options));
}
