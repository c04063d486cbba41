import type { SecretKey, SigningKey, VerifyKey } from "@parsec/crypto";
import { type Codec, type Infer, oneOf } from "../codec/index.ts";
import { decryptVerifyAndLoad, dumpSignAndEncrypt } from "../envelope.ts";
import { expectAuthor, expectValue } from "../expected.ts";
import type { DeviceId, VlobId } from "../ids.ts";
import type { DateTime } from "../time.ts";
import type { Verified } from "../verified.ts";
import { FileManifest } from "./file-manifest.ts";
import { ChildFolderManifest, FolderManifest, RootFolderManifest } from "./folder-manifest.ts";
import { UserManifest } from "./user-manifest.ts";

/** A file or a folder below the root of a workspace. */
export const ChildManifest = /* @__PURE__ */ oneOf(FileManifest, ChildFolderManifest);
export type ChildManifest = Infer<typeof ChildManifest>;

/** Any manifest as a writer may make it: whether a folder is the root is only checked by readers (spec 04 §5.2). */
export const Manifest = /* @__PURE__ */ oneOf(FileManifest, FolderManifest, UserManifest);
export type Manifest = Infer<typeof Manifest>;

/** What the server announced for this version. What is left out is not compared. */
export interface ExpectedInManifest {
  readonly author: DeviceId;
  readonly timestamp: DateTime;
  readonly id?: VlobId;
  readonly version?: number;
}

/**
 * Signed, then encrypted. `key` is the realm key derived with the vlob's id, or the user realm key as it is for a user
 * manifest (spec 04 §5).
 * @throws DataIntegrityError when a file manifest breaks its rules
 */
export function sealManifest(key: SecretKey, signingKey: SigningKey, manifest: Manifest): Uint8Array<ArrayBuffer> {
  return dumpSignAndEncrypt(Manifest, manifest, { signingKey, key });
}

/**
 * Opens {@link sealManifest} with the codec of the manifest to expect.
 * @throws DecryptionError
 * @throws SignatureError
 * @throws BadSerializationError
 * @throws DataIntegrityError
 * @throws UnexpectedValueError for the author, the timestamp, the id, then the version
 */
export function openManifest<T extends Manifest>(
  codec: Codec<T>,
  encrypted: Uint8Array,
  key: SecretKey,
  authorKey: VerifyKey,
  expected: ExpectedInManifest,
): Verified<T> {
  const verified = decryptVerifyAndLoad(codec, encrypted, { key, authorKey });
  expectAuthor(expected.author, verified.value.author);
  expectValue("UNEXPECTED_TIMESTAMP", expected.timestamp, verified.value.timestamp);
  expectValue("UNEXPECTED_ID", expected.id, verified.value.id);
  expectValue("UNEXPECTED_VERSION", expected.version, verified.value.version);
  return verified;
}

/** A file or a folder below the root. Errors: those of {@link openManifest}. */
export function openChildManifest(
  encrypted: Uint8Array,
  key: SecretKey,
  authorKey: VerifyKey,
  expected: ExpectedInManifest,
): Verified<ChildManifest> {
  return openManifest(ChildManifest, encrypted, key, authorKey, expected);
}

/** The root folder of a workspace. Errors: those of {@link openManifest}. */
export function openWorkspaceManifest(
  encrypted: Uint8Array,
  key: SecretKey,
  authorKey: VerifyKey,
  expected: ExpectedInManifest,
): Verified<FolderManifest> {
  return openManifest(RootFolderManifest, encrypted, key, authorKey, expected);
}

/** Errors: those of {@link openManifest}. */
export function openUserManifest(
  encrypted: Uint8Array,
  userRealmKey: SecretKey,
  authorKey: VerifyKey,
  expected: ExpectedInManifest,
): Verified<UserManifest> {
  return openManifest(UserManifest, encrypted, userRealmKey, authorKey, expected);
}
