import type { SecretKey } from "@parsec/crypto";
import type { BlockId, VlobId } from "@parsec/types";

/** The key derivation uuid of each use of a realm key that is not a vlob or a block (spec 09a §5.1). */
export const keyUsage = {
  canary: "00000000000000000000000000000001",
  realmName: "00000000000000000000000000000002",
  pathAddress: "00000000000000000000000000000003",
} as const;

/** What a realm key is derived for. A manifest and its CryptPad session: the vlob id. A block: the block id. */
export type KeyUsage = VlobId | BlockId | (typeof keyUsage)[keyof typeof keyUsage];

export interface EncryptionKey {
  readonly key: SecretKey;
  /** Written next to what the key seals. */
  readonly keyIndex: number;
}

export interface RealmKeysOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The keys of the realms of one session, fetched on first use and kept in memory only (spec 09a §5.2). */
export interface RealmKeys {
  /**
   * The last valid key.
   * @throws RealmKeysError, NO_REALM_KEY when the realm has none yet
   */
  forEncryption(realmId: VlobId, usage: KeyUsage, options?: RealmKeysOptions): Promise<EncryptionKey>;

  /**
   * The key of that index (from 1).
   * @throws RealmKeysError, REALM_KEY_NOT_FOUND, REALM_KEY_CORRUPTED
   */
  forDecryption(realmId: VlobId, keyIndex: number, usage: KeyUsage, options?: RealmKeysOptions): Promise<SecretKey>;
}
