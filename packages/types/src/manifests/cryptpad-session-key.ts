import type { SecretKey, SigningKey, VerifyKey } from "@parsec/crypto";
import { Bool, type Infer, Str, tagged } from "../codec/index.ts";
import { decryptVerifyAndLoad, dumpSignAndEncrypt } from "../envelope.ts";
import { expectAuthor, expectValue } from "../expected.ts";
import { DeviceId, VlobId } from "../ids.ts";
import { DateTime } from "../time.ts";
import type { Verified } from "../verified.ts";

/**
 * The key of a CryptPad document, to edit it or only to view it (spec 04 §5.4). Both keys of a session have the
 * timestamp of the request that registers it. `key` is CryptPad's own text, a secret.
 */
export const CryptpadSessionKey = /* @__PURE__ */ tagged("type", "cryptpad_session_key", {
  author: DeviceId,
  timestamp: DateTime,
  documentId: VlobId,
  canEdit: Bool,
  key: Str,
});
export type CryptpadSessionKey = Infer<typeof CryptpadSessionKey>;

/** `key` is the realm key derived with the document's id. */
export function sealCryptpadSessionKey(
  key: SecretKey,
  signingKey: SigningKey,
  sessionKey: CryptpadSessionKey,
): Uint8Array<ArrayBuffer> {
  return dumpSignAndEncrypt(CryptpadSessionKey, sessionKey, { signingKey, key });
}

export interface ExpectedInCryptpadSessionKey {
  readonly author: DeviceId;
  readonly timestamp: DateTime;
  readonly documentId: VlobId;
}

/**
 * The caller still has to check `canEdit`.
 * @throws DecryptionError
 * @throws SignatureError
 * @throws BadSerializationError
 * @throws UnexpectedValueError for the author, the timestamp, then the document
 */
export function openCryptpadSessionKey(
  encrypted: Uint8Array,
  key: SecretKey,
  authorKey: VerifyKey,
  expected: ExpectedInCryptpadSessionKey,
): Verified<CryptpadSessionKey> {
  const verified = decryptVerifyAndLoad(CryptpadSessionKey, encrypted, { key, authorKey });
  expectAuthor(expected.author, verified.value.author);
  expectValue("UNEXPECTED_TIMESTAMP", expected.timestamp, verified.value.timestamp);
  expectValue("UNEXPECTED_ID", expected.documentId, verified.value.documentId);
  return verified;
}
