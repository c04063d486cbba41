import { utf8 } from "@parsec/base";
import { DecryptionError, type KeyDerivation, type SecretKey } from "@parsec/crypto";
import { BadSerializationError } from "../data-error.ts";
import { EntryName } from "../entry-name.ts";
import { decrypt } from "../envelope.ts";
import type { BlockId, VlobId } from "../ids.ts";

// What a realm key is used for: never itself, always a key derived from it (spec 04 §3.3, spec 01 §4).

const canaryContext = "00000000000000000000000000000001";
const nameContext = "00000000000000000000000000000002";
const pathContext = "00000000000000000000000000000003";

/** The key of a manifest, or of the CryptPad session keys of a document. A workspace manifest has the realm id. */
export function vlobKey(realmKey: KeyDerivation, id: VlobId): SecretKey {
  return realmKey.deriveSecretKey(id);
}

export function blockKey(realmKey: KeyDerivation, id: BlockId): SecretKey {
  return realmKey.deriveSecretKey(id);
}

/** The key of the path in a workspace path address. */
export function pathAddressKey(realmKey: KeyDerivation): SecretKey {
  return realmKey.deriveSecretKey(pathContext);
}

/** The empty message, encrypted: 40 bytes that tell whether a key is the one that the rotation announced. */
export function makeKeyCanary(realmKey: KeyDerivation): Uint8Array<ArrayBuffer> {
  return realmKey.deriveSecretKey(canaryContext).encrypt(new Uint8Array(0));
}

/** True when `realmKey` opens the canary. Its content is ignored. */
export function opensKeyCanary(realmKey: KeyDerivation, canary: Uint8Array): boolean {
  try {
    decrypt(realmKey.deriveSecretKey(canaryContext), canary);
    return true;
  } catch (error) {
    if (error instanceof DecryptionError) return false;
    throw error;
  }
}

export function encryptRealmName(realmKey: KeyDerivation, name: EntryName): Uint8Array<ArrayBuffer> {
  return realmKey.deriveSecretKey(nameContext).encrypt(utf8(name));
}

/**
 * @throws DecryptionError
 * @throws BadSerializationError when what was encrypted is no name
 */
export function decryptRealmName(realmKey: KeyDerivation, encrypted: Uint8Array): EntryName {
  const bytes = decrypt(realmKey.deriveSecretKey(nameContext), encrypted);
  try {
    return EntryName.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new BadSerializationError(null, "msgpack+validation", { cause });
  }
}
