import { requireArgument, requireMethods, requireObject, requireText } from "@parsec/base";
import type { SendOptions } from "@parsec/connection";
import type { SecretKey } from "@parsec/crypto";
import type { AccountVaultItemOpaqueKeyId, LocalDevice } from "@parsec/types";
import { requireCredentials, requireId, requireOptions } from "../arguments.ts";
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
 * changed or deleted.
 */
export class Vault {
  readonly #session: AccountSession;

  constructor(session: AccountSession) {
    this.#session = session;
  }

  /** Keeps a key under a new id, which it gives. @throws VaultError */
  async uploadKey(key: SecretKey, options: SendOptions = {}): Promise<AccountVaultItemOpaqueKeyId> {
    requireMethods("key", key, "a secret key", "toBytes");
    requireOptions(options);
    return uploadOpaqueKey(this.#session, key, options);
  }

  /** The key of that id. @throws FetchKeyError */
  async fetchKey(id: AccountVaultItemOpaqueKeyId, options: SendOptions = {}): Promise<SecretKey> {
    requireId("id", id);
    requireOptions(options);
    return fetchOpaqueKey(this.#session, id, options);
  }

  /** The users for whom the vault has a registration device that opens. @throws VaultError */
  async listRegistrationDevices(options: SendOptions = {}): Promise<readonly OrganizationUser[]> {
    requireOptions(options);
    return listRegistrationDevices(this.#session, options);
  }

  /**
   * The registration device of a user: the author of a new device, on any machine (spec 07 §7).
   * @throws FetchRegistrationDeviceError
   */
  async fetchRegistrationDevice(user: OrganizationUser, options: SendOptions = {}): Promise<LocalDevice> {
    requireObject("user", user);
    requireText("user.organizationId", user.organizationId, { filled: true });
    requireId("user.userId", user.userId);
    requireOptions(options);
    return fetchRegistrationDevice(this.#session, user, options);
  }

  /**
   * Keeps a device that the organization knows with the purpose `REGISTRATION`: one for each user.
   * @throws UploadRegistrationDeviceError
   */
  async uploadRegistrationDevice(device: LocalDevice, options: SendOptions = {}): Promise<void> {
    requireObject("device", device);
    requireArgument("device", device, "a local device", device.type === "local_device");
    requireOptions(options);
    return uploadRegistrationDevice(this.#session, device, options);
  }

  /**
   * Gives the vault a new key and a single new authentication method, with which this login goes on. All others end.
   * The password must be one that the account never had. When the reply is lost (`OFFLINE`), log in with the new
   * credentials, or else with the old ones.
   * @throws RotateKeyError
   */
  async rotateKey(credentials: NewCredentials, options: RotateKeyOptions = {}): Promise<void> {
    requireCredentials(credentials);
    requireOptions(options);
    return rotateVaultKey(this.#session, credentials, options);
  }

  /**
   * Copies the items of a previous vault into this one, after a recovery: with credentials that were good for that
   * vault. May be done again: what is there already is left alone.
   * @throws RestoreVaultError
   */
  async restorePrevious(former: NewCredentials, options: SendOptions = {}): Promise<RestoredVault> {
    requireCredentials(former);
    requireOptions(options);
    return restorePreviousVault(this.#session, former, options);
  }
}
