import { hasCode, KeyedMutex } from "@parsec/base";
import type { AuthenticatedConnection } from "@parsec/connection";
import type { KeyDerivation, SecretKey } from "@parsec/crypto";
import { realmGetKeysBundle } from "@parsec/protocol";
import type { BlockId, LocalDevice, RealmKeyRotationCertificate, VlobId } from "@parsec/types";
import type { Certificates, PollError } from "../certificates/certificates.ts";
import { ClientError, UnexpectedReplyError } from "../errors.ts";
import { type LoadedKeysBundle, loadKeysBundle } from "./keys-bundle.ts";
import type { InvalidKeysBundleError } from "./keys-bundle-error.ts";
import { repairKeys } from "./repair.ts";
import { contiguousRotations, type MissingKeyRotationsError } from "./rotations.ts";

/** What a realm key is derived for. A manifest and its CryptPad session: the vlob id. A block: the block id. */
export type KeyUsage = VlobId | BlockId;

/** The last valid key of a realm, and its index, to be written next to what it seals. */
export interface CurrentRealmKey {
  readonly realmKey: KeyDerivation;
  readonly keyIndex: number;
}

export interface EncryptionKey {
  readonly key: SecretKey;
  /** Written next to what the key seals. */
  readonly keyIndex: number;
}

export interface RealmKeysOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What every use of a realm key may throw. */
export type RealmKeysError =
  | PollError
  | InvalidKeysBundleError
  | MissingKeyRotationsError
  | ClientError<"REALM_ACCESS_DENIED" | "REALM_DELETED" | "NO_REALM_KEY">;

interface RealmKeysContext {
  readonly device: LocalDevice;
  readonly connection: AuthenticatedConnection;
  readonly certificates: Certificates;
}

/**
 * The keys of the realms of one session, fetched on first use and kept in memory only: nothing in its server form is
 * sealed or opened before one successful fetch (spec 09a §5.2).
 */
export class RealmKeys {
  readonly #context: RealmKeysContext;
  readonly #bundles = new Map<VlobId, LoadedKeysBundle>();
  readonly #fetching = new KeyedMutex<VlobId>();

  constructor(context: RealmKeysContext) {
    this.#context = context;
  }

  /**
   * The last valid key.
   * @throws RealmKeysError
   */
  async current(realmId: VlobId, options: RealmKeysOptions = {}): Promise<CurrentRealmKey> {
    const bundle = await this.bundle(realmId, options);
    const last = bundle?.keys.findLastIndex(({ isCorrupted }) => !isCorrupted) ?? -1;
    const key = bundle?.keys[last];
    if (key === undefined) throw new ClientError("NO_REALM_KEY");
    return { realmKey: key.realmKey, keyIndex: last + 1 };
  }

  /**
   * The key of that index (from 1).
   * @throws RealmKeysError, REALM_KEY_NOT_FOUND, REALM_KEY_CORRUPTED
   */
  async ofIndex(realmId: VlobId, keyIndex: number, options: RealmKeysOptions = {}): Promise<KeyDerivation> {
    const key = (await this.bundle(realmId, options))?.keys[keyIndex - 1];
    if (key === undefined) throw new ClientError("REALM_KEY_NOT_FOUND");
    if (key.isCorrupted) throw new ClientError("REALM_KEY_CORRUPTED");
    return key.realmKey;
  }

  /** {@link current}, derived for one use. */
  async forEncryption(realmId: VlobId, usage: KeyUsage, options: RealmKeysOptions = {}): Promise<EncryptionKey> {
    const { realmKey, keyIndex } = await this.current(realmId, options);
    return { key: realmKey.deriveSecretKey(usage), keyIndex };
  }

  /** {@link ofIndex}, derived for one use. */
  async forDecryption(
    realmId: VlobId,
    keyIndex: number,
    usage: KeyUsage,
    options: RealmKeysOptions = {},
  ): Promise<SecretKey> {
    return (await this.ofIndex(realmId, keyIndex, options)).deriveSecretKey(usage);
  }

  /**
   * The last keys bundle that the certificates know, `undefined` before the first key rotation.
   * @throws RealmKeysError
   */
  bundle(realmId: VlobId, options: RealmKeysOptions = {}): Promise<LoadedKeysBundle | undefined> {
    const known = this.#bundles.get(realmId);
    if (known !== undefined && known.keys.length === this.#lastKeyIndex(realmId)) return Promise.resolve(known);
    return this.#fetching.run(realmId, () => this.#load(realmId, options), options);
  }

  /** Forgets all keys: the next use fetches them again. */
  forget(): void {
    this.#bundles.clear();
  }

  #lastKeyIndex(realmId: VlobId): number {
    return this.#context.certificates.view.keyRotations(realmId).length;
  }

  async #load(realmId: VlobId, options: RealmKeysOptions): Promise<LoadedKeysBundle | undefined> {
    const rotations = contiguousRotations(this.#context.certificates.view, realmId);
    const last = rotations.at(-1);
    if (last === undefined) return undefined;
    const known = this.#bundles.get(realmId);
    if (known?.keys.length === last.keyIndex) return known;
    const bundle = await repairKeys(await this.#loadOne(rotations, last, options), (keyIndex) =>
      this.#loadOlder(rotations, keyIndex, options),
    );
    this.#bundles.set(realmId, bundle);
    return bundle;
  }

  async #loadOne(
    rotations: readonly RealmKeyRotationCertificate[],
    rotation: RealmKeyRotationCertificate,
    options: RealmKeysOptions,
  ): Promise<LoadedKeysBundle> {
    const { certificates, device } = this.#context;
    const sealed = await this.#fetch(rotation.realmId, rotation.keyIndex, options);
    return loadKeysBundle(certificates.view, rotations, rotation, sealed, device.privateKey);
  }

  /** `undefined`: we were no member then, or that bundle is unusable too. */
  async #loadOlder(
    rotations: readonly RealmKeyRotationCertificate[],
    keyIndex: number,
    options: RealmKeysOptions,
  ): Promise<LoadedKeysBundle | undefined> {
    const rotation = rotations[keyIndex - 1];
    if (rotation === undefined) return undefined;
    try {
      return await this.#loadOne(rotations, rotation, options);
    } catch (error) {
      if (hasCode(error, "REALM_ACCESS_DENIED", "INVALID_KEYS_BUNDLE")) return undefined;
      throw error;
    }
  }

  async #fetch(realmId: VlobId, keyIndex: number, options: RealmKeysOptions) {
    const reply = await this.#context.connection.send(realmGetKeysBundle, { realmId, keyIndex }, options);
    switch (reply.status) {
      case "ok":
        return reply;
      case "access_not_available_for_author":
      case "author_not_allowed":
        throw new ClientError("REALM_ACCESS_DENIED");
      case "realm_deleted":
        throw new ClientError("REALM_DELETED");
      default:
        throw new UnexpectedReplyError("realm_get_keys_bundle", reply.status);
    }
  }
}
