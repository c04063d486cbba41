import type { PrivateKey, PublicKey, SigningKey, VerifyKey } from "@parsec/crypto";
import { type Infer, list, tagged } from "../codec/index.ts";
import { DataIntegrityError } from "../data-error.ts";
import { dumpSignAndSeal, unsealVerifyAndLoad } from "../envelope.ts";
import { expectAuthor, expectValue } from "../expected.ts";
import { DeviceId } from "../ids.ts";
import { ShamirShareCodec } from "../keys.ts";
import { DateTime } from "../time.ts";
import type { Verified } from "../verified.ts";

/** The shares of one recipient: the content of its share certificate (spec 04 §3.4). */
export const ShamirRecoveryShareData = /* @__PURE__ */ tagged("type", "shamir_recovery_share_data", {
  author: DeviceId,
  timestamp: DateTime,
  weightedShare: /* @__PURE__ */ list(ShamirShareCodec),
});
export type ShamirRecoveryShareData = Infer<typeof ShamirRecoveryShareData>;

/** Signed by the author, then sealed for the recipient: the `cipheredShare` of a share certificate. */
export function sealShamirRecoveryShareData(
  recipient: PublicKey,
  signingKey: SigningKey,
  data: ShamirRecoveryShareData,
): Uint8Array<ArrayBuffer> {
  return dumpSignAndSeal(ShamirRecoveryShareData, data, { signingKey, recipient });
}

/** Those of the share certificate. */
export interface ExpectedInShareData {
  readonly author: DeviceId;
  readonly timestamp: DateTime;
}

/**
 * Whether there are as many shares as the brief says is not checked; an empty list loads.
 * @throws DecryptionError
 * @throws SignatureError
 * @throws BadSerializationError
 * @throws UnexpectedValueError for the author, then the timestamp
 * @throws DataIntegrityError for more than 255 shares; compared last, unlike for other documents
 */
export function openShamirRecoveryShareData(
  sealed: Uint8Array,
  recipient: PrivateKey,
  authorKey: VerifyKey,
  expected: ExpectedInShareData,
): Verified<ShamirRecoveryShareData> {
  const verified = unsealVerifyAndLoad(ShamirRecoveryShareData, sealed, { recipient, authorKey });
  expectAuthor(expected.author, verified.value.author);
  expectValue("UNEXPECTED_TIMESTAMP", expected.timestamp, verified.value.timestamp);
  if (verified.value.weightedShare.length > 255) {
    throw new DataIntegrityError("shamir_recovery_share_data", "weighted_share <= 255");
  }
  return verified;
}
