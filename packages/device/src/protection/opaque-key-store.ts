import type { SecretKey } from "@parsec/crypto";
import type { ProtectOptions } from "./protection.ts";

/** A service that keeps keys for their owner: the vault of a Parsec account, OpenBao. */
export interface OpaqueKeyStore<Id> {
  /**
   * Keeps a key and gives the id to find it by.
   * @throws RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_UPLOAD_OFFLINE, REMOTE_OPAQUE_KEY_UPLOAD_FAILED
   */
  upload(key: SecretKey, options: ProtectOptions): Promise<Id>;
  /** @throws RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_FETCH_OFFLINE, REMOTE_OPAQUE_KEY_FETCH_FAILED */
  fetch(id: Id, options: ProtectOptions): Promise<SecretKey>;
}
