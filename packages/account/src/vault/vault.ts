import type { SendOptions } from "@parsec/connection";
import type { SecretKey } from "@parsec/crypto";
import type { AccountVaultItemOpaqueKeyId, LocalDevice } from "@parsec/types";
import type { NewCredentials } from "../credentials.ts";
import type { AccountSession } from "../session.ts";
import { fetchOpaqueKey, uploadOpaqueKey } from "./opaque-keys.ts";
import {
  fetchRegistrationDevice,
  listRegistrationDevices,
  type OrganizationUser,
  uploadRegistrationDevice,
} from "./registration-devices.ts";
import { type RestoredVault, restorePreviousVault } from "./restore-previous.ts";
import { type RotateKeyOptions, rotateVaultKey } from "./rotate-key.ts";

/**
 * What the server keeps for an account, encrypted with a key that it does not have (spec 07 §3). Items cannot be
 * changed or deleted. Every operation may also give `BAD_VAULT_KEY_ACCESS`, `LOGGED_OUT` and those of ConnectionError,
 * where `BAD_AUTHENTICATION` means that the password was changed elsewhere, or the account deleted.
 */
export class Vault {
  readonly #session: AccountSession;

  constructor(session: AccountSession) {
    this.#session = session;
  }

  /** Keeps a key under a new id, which it gives. */
  uploadKey(key: SecretKey, options: SendOptions = {}): Promise<AccountVaultItemOpaqueKeyId> {
    return uploadOpaqueKey(this.#session, key, options);
  }

  /** @throws AccountError UNKNOWN_OPAQUE_KEY, CORRUPTED_OPAQUE_KEY */
  fetchKey(id: AccountVaultItemOpaqueKeyId, options: SendOptions = {}): Promise<SecretKey> {
    return fetchOpaqueKey(this.#session, id, options);
  }

  /** The users for whom the vault has a registration device that opens. */
  listRegistrationDevices(options: SendOptions = {}): Promise<readonly OrganizationUser[]> {
    return listRegistrationDevices(this.#session, options);
  }

  /**
   * The registration device of a user: the author of a new device, on any machine (spec 07 §7).
   * @throws AccountError UNKNOWN_REGISTRATION_DEVICE, CORRUPTED_REGISTRATION_DEVICE
   */
  fetchRegistrationDevice(user: OrganizationUser, options: SendOptions = {}): Promise<LocalDevice> {
    return fetchRegistrationDevice(this.#session, user, options);
  }

  /**
   * Keeps a device that the organization knows with the purpose `REGISTRATION`: one for each user.
   * @throws AccountError REGISTRATION_DEVICE_ALREADY_EXISTS
   */
  uploadRegistrationDevice(device: LocalDevice, options: SendOptions = {}): Promise<void> {
    return uploadRegistrationDevice(this.#session, device, options);
  }

  /**
   * Gives the vault a new key and a single new authentication method, with which this login goes on. All others end.
   * The password must be one that the account never had. When the reply is lost (`OFFLINE`), log in with the new
   * credentials, or else with the old ones.
   * @throws AccountError AUTH_METHOD_ALREADY_EXISTS, CORRUPTED_VAULT_ITEM, VAULT_CHANGED
   */
  rotateKey(credentials: NewCredentials, options: RotateKeyOptions = {}): Promise<void> {
    return rotateVaultKey(this.#session, credentials, options);
  }

  /**
   * Copies the items of a previous vault into this one, after a recovery: with credentials that were good for that
   * vault. May be done again: what is there already is left alone.
   * @throws AccountError NO_PREVIOUS_VAULT, BAD_PASSWORD_ALGORITHM
   */
  restorePrevious(former: NewCredentials, options: SendOptions = {}): Promise<RestoredVault> {
    return restorePreviousVault(this.#session, former, options);
  }
}
