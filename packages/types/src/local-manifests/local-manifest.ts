import type { SecretKey } from "@parsec/crypto";
import { type Codec, type Infer, oneOf } from "../codec/index.ts";
import { localSizeLimit } from "../container.ts";
import { decryptAndLoad, dumpAndEncrypt } from "../envelope.ts";
import { LocalFileManifest } from "./local-file-manifest.ts";
import { LocalChildFolderManifest, LocalFolderManifest, LocalRootFolderManifest } from "./local-folder-manifest.ts";
import { LocalUserManifest } from "./local-user-manifest.ts";

/** A file or a folder below the root of a workspace. */
export const LocalChildManifest = /* @__PURE__ */ oneOf(LocalFileManifest, LocalChildFolderManifest);
export type LocalChildManifest = Infer<typeof LocalChildManifest>;

/** Any local manifest. Whether a folder is the root is only checked by readers. */
export const LocalManifest = /* @__PURE__ */ oneOf(LocalFileManifest, LocalFolderManifest, LocalUserManifest);
export type LocalManifest = Infer<typeof LocalManifest>;

/**
 * Encrypted with the device's own key, not signed (spec 04 §6).
 * @throws DataIntegrityError when a file manifest breaks its rules
 */
export function sealLocalManifest(localSymkey: SecretKey, manifest: LocalManifest): Uint8Array<ArrayBuffer> {
  return dumpAndEncrypt(LocalManifest, manifest, localSymkey);
}

/**
 * Opens {@link sealLocalManifest} with the codec of the manifest to expect.
 * @throws DecryptionError
 * @throws BadSerializationError
 * @throws DataIntegrityError
 */
export function openLocalManifest<T extends LocalManifest>(
  codec: Codec<T>,
  encrypted: Uint8Array,
  localSymkey: SecretKey,
): T {
  return decryptAndLoad(codec, encrypted, localSymkey, { sizeLimit: localSizeLimit });
}

/** A file or a folder below the root. Errors: those of {@link openLocalManifest}. */
export function openLocalChildManifest(encrypted: Uint8Array, localSymkey: SecretKey): LocalChildManifest {
  return openLocalManifest(LocalChildManifest, encrypted, localSymkey);
}

/** The root folder of a workspace. Errors: those of {@link openLocalManifest}. */
export function openLocalWorkspaceManifest(encrypted: Uint8Array, localSymkey: SecretKey): LocalFolderManifest {
  return openLocalManifest(LocalRootFolderManifest, encrypted, localSymkey);
}

/** Errors: those of {@link openLocalManifest}. */
export function openLocalUserManifest(encrypted: Uint8Array, localSymkey: SecretKey): LocalUserManifest {
  return openLocalManifest(LocalUserManifest, encrypted, localSymkey);
}
