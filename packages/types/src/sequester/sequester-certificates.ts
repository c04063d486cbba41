import { utf8 } from "@parsec/base";
import { type SequesterSigningKey, type SequesterVerifyKey, SignatureError } from "@parsec/crypto";
import { SequesterServicesCertificate } from "../certificates/certificate.ts";
import { load } from "../container.ts";
import { armorVerifyAndLoad, dumpAndArmorSign } from "../envelope-rsa.ts";
import { trust, type Verified } from "../verified.ts";

/** Signed by the sequester authority, armored (spec 04 §2.9). */
export function signSequesterCertificate(
  authorityKey: SequesterSigningKey,
  certificate: SequesterServicesCertificate,
): Promise<Uint8Array<ArrayBuffer>> {
  return dumpAndArmorSign(SequesterServicesCertificate, certificate, authorityKey);
}

/**
 * A certificate of a sequester service. There is no way to read one without the authority's key, which the first
 * certificate of the topic holds.
 * @throws SignatureError
 * @throws BadSerializationError
 */
export function verifySequesterCertificate(
  signed: Uint8Array,
  authorityKey: SequesterVerifyKey,
): Promise<Verified<SequesterServicesCertificate>> {
  return armorVerifyAndLoad(SequesterServicesCertificate, signed, authorityKey);
}

/**
 * A certificate that was verified when it came in, read back from own storage. The key only tells the size of the
 * signature.
 * @throws SignatureError when shorter than a signature
 * @throws BadSerializationError
 */
export function loadTrustedSequesterCertificate(
  signed: Uint8Array,
  authorityKey: SequesterVerifyKey,
): Verified<SequesterServicesCertificate> {
  const headSize = utf8("RSASSA-PSS-SHA256:").length + authorityKey.sizeInBytes;
  if (signed.length < headSize) throw new SignatureError();
  return trust(load(SequesterServicesCertificate, signed.subarray(headSize)), signed);
}
