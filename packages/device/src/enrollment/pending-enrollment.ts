import { equalBytes, hasCode, ParsecError, requireMethods, requireObject, requireText } from "@parsec/base";
import { PrivateKey, type SecretKey, SigningKey, sha256 } from "@parsec/crypto";
import {
  type AsyncEnrollmentId,
  type AsyncEnrollmentLocalPendingCleartextContent,
  type AsyncEnrollmentLocalPendingIdentitySystem,
  dumpAsyncEnrollmentCleartextContent,
  dumpAsyncEnrollmentLocalPending,
  loadAsyncEnrollmentCleartextContent,
  loadAsyncEnrollmentLocalPending,
} from "@parsec/types";
import { requireOptions, requireProtection, requireStore } from "../arguments.ts";
import { BadAccessStrategyError, DeviceError } from "../errors.ts";
import { invalidData } from "../file/seal.ts";
import { reading, writing } from "../file/store-errors.ts";
import {
  newKeyOf,
  openKeyOf,
  type Protection,
  type ProtectionFields,
  type ProtectOptions,
} from "../protection/protection.ts";
import type { DeviceStore } from "../store/port.ts";

// A submitted enrollment keeps its keys in a file until it is accepted (spec 06 §16). It is saved before the
// request, so that none is accepted whose keys are lost, and again once the server has given its date.

const folder = "async_enrollments";
const extension = "pending";

/** What the file tells without any key; `identitySystem` comes from the protection. */
export type EnrollmentRequest = Omit<AsyncEnrollmentLocalPendingCleartextContent, "type" | "identitySystem">;

/** The keys of a device that does not exist yet. */
export interface EnrollmentKeys {
  readonly signingKey: SigningKey;
  readonly privateKey: PrivateKey;
}

export interface PendingEnrollment extends AsyncEnrollmentLocalPendingCleartextContent {
  readonly path: string;
}

/**
 * Keeps the keys of a submitted enrollment, under the identity that it was submitted with: `smartcard` or `openBao`.
 * @throws DeviceError with a `SaveDeviceErrorCode`; BadAccessStrategyError for any other protection
 */
export async function savePendingEnrollment(
  store: DeviceStore,
  request: EnrollmentRequest,
  keys: EnrollmentKeys,
  identity: Protection,
  options: ProtectOptions = {},
): Promise<PendingEnrollment> {
  requireStore(store);
  requireObject("request", request);
  requireText("request.enrollmentId", request.enrollmentId, { filled: true });
  requireObject("keys", keys);
  requireMethods("keys.signingKey", keys.signingKey, "a signing key", "toBytes");
  requireMethods("keys.privateKey", keys.privateKey, "a private key", "toBytes");
  requireProtection("identity", identity);
  requireOptions(options);
  const { key, fields } = await newKeyOf(identity, options);
  const content: AsyncEnrollmentLocalPendingCleartextContent = {
    type: "async_enrollment_local_pending_cleartext_content",
    ...request,
    identitySystem: identitySystemOf(fields),
  };
  const cleartextContent = dumpAsyncEnrollmentCleartextContent(content);
  const file = dumpAsyncEnrollmentLocalPending({
    type: "async_enrollment_local_pending",
    cleartextContent,
    ciphertextCleartextContentDigest: key.encrypt((await sha256(cleartextContent)).toBytes()),
    ciphertextSigningKey: key.encrypt(keys.signingKey.toBytes()),
    ciphertextPrivateKey: key.encrypt(keys.privateKey.toBytes()),
  });
  const path = pendingPath(request.enrollmentId);
  await writing(store.write(path, file));
  return { ...content, path };
}

/**
 * The enrollments that wait, sorted by path. Files that cannot be read are passed over.
 * @throws DeviceError STORAGE_NOT_AVAILABLE
 */
export async function listPendingEnrollments(store: DeviceStore): Promise<readonly PendingEnrollment[]> {
  requireStore(store);
  const found: PendingEnrollment[] = [];
  for (const path of await reading(store.list(folder, extension))) {
    const pending = await readPending(store, path).catch((error: unknown) => {
      if (ParsecError.is(error)) return undefined;
      throw error;
    });
    if (pending !== undefined) found.push({ ...pending.content, path });
  }
  return found;
}

/**
 * The keys of an enrollment, once it was accepted. What the file tells in clear is authenticated on the way.
 * @throws DeviceError with a `LoadDeviceErrorCode`
 */
export async function openPendingEnrollment(
  store: DeviceStore,
  path: string,
  identity: Protection,
  options: ProtectOptions = {},
): Promise<EnrollmentKeys> {
  requireStore(store);
  requireText("path", path, { filled: true });
  requireProtection("identity", identity);
  requireOptions(options);
  const { file, content } = await readPending(store, path);
  const key = await openKeyOf(identity, fieldsOf(content.identitySystem), options);
  const digest = decrypt(key, file.ciphertextCleartextContentDigest);
  if (!equalBytes(digest, (await sha256(file.cleartextContent)).toBytes())) {
    throw invalidData("The pending enrollment was altered", undefined);
  }
  return parsedKeys(() => ({
    signingKey: SigningKey.fromBytes(decrypt(key, file.ciphertextSigningKey)),
    privateKey: PrivateKey.fromBytes(decrypt(key, file.ciphertextPrivateKey)),
  }));
}

/** @throws DeviceError STORAGE_NOT_AVAILABLE, INVALID_PATH */
export async function removePendingEnrollment(store: DeviceStore, path: string): Promise<void> {
  requireStore(store);
  requireText("path", path, { filled: true });
  await reading(store.remove(path));
}

function pendingPath(id: AsyncEnrollmentId): string {
  return `${folder}/${id}.${extension}`;
}

async function readPending(store: DeviceStore, path: string) {
  const bytes = await reading(store.read(path));
  try {
    const file = loadAsyncEnrollmentLocalPending(bytes);
    return { file, content: loadAsyncEnrollmentCleartextContent(file.cleartextContent) };
  } catch (cause) {
    if (!hasCode(cause, "BAD_SERIALIZATION", "DATA_INTEGRITY")) throw cause;
    throw invalidData("The file is damaged, or is no pending enrollment", cause);
  }
}

function identitySystemOf(fields: ProtectionFields): AsyncEnrollmentLocalPendingIdentitySystem {
  switch (fields.type) {
    case "pki": {
      const { encryptedKey, certificateRef, algorithm } = fields;
      return { type: "PKI", encryptedKey, certificateRef, algorithm };
    }
    case "openbao": {
      const { openbaoPreferredAuthId, openbaoEntityId, openbaoCiphertextKeyPath } = fields;
      return { type: "OPEN_BAO", openbaoPreferredAuthId, openbaoEntityId, openbaoCiphertextKeyPath };
    }
    default:
      throw new BadAccessStrategyError("type");
  }
}

function fieldsOf(system: AsyncEnrollmentLocalPendingIdentitySystem): ProtectionFields {
  return system.type === "PKI" ? { ...system, type: "pki" } : { ...system, type: "openbao" };
}

function decrypt(key: SecretKey, ciphertext: Uint8Array): Uint8Array {
  try {
    return key.decrypt(ciphertext);
  } catch (cause) {
    if (!hasCode(cause, "DECRYPTION", "NONCE")) throw cause;
    throw new DeviceError("DECRYPTION_FAILED", "The pending enrollment cannot be opened with this identity", { cause });
  }
}

function parsedKeys(parse: () => EnrollmentKeys): EnrollmentKeys {
  try {
    return parse();
  } catch (cause) {
    if (cause instanceof DeviceError) throw cause;
    throw invalidData("The pending enrollment opens, but does not hold its keys", cause);
  }
}
