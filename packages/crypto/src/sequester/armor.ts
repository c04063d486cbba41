import { concatBytes, requireBytes, utf8 } from "@parsec/base";
import { AlgorithmError, DataSizeError, DecryptionError } from "../errors.ts";

/** Names in front of armored data (spec 01 §11). */
export const encryptionAlgorithm = "RSAES-OAEP-SHA256-XSALSA20-POLY1305";
export const signatureAlgorithm = "RSASSA-PSS-SHA256";

const longestName = 64;

const separator = ":".charCodeAt(0);

export interface ArmorParts {
  /** Wrapped key or signature, as long as the modulus. */
  readonly rsaPart: Uint8Array;
  readonly data: Uint8Array;
}

/** name ‖ ":" ‖ RSA part, padded on the left with zeros to the modulus size ‖ data. */
export function armor(algorithm: string, modulusSize: number, { rsaPart, data }: ArmorParts): Uint8Array<ArrayBuffer> {
  const padding = new Uint8Array(Math.max(0, modulusSize - rsaPart.length));
  return concatBytes(utf8(`${algorithm}:`), padding, rsaPart, data);
}

/**
 * Cuts armored data; the parts are views.
 * @throws DecryptionError without a separator
 * @throws AlgorithmError for another algorithm
 * @throws DataSizeError when shorter than an RSA part
 */
export function unarmor(algorithm: string, modulusSize: number, armored: Uint8Array): ArmorParts {
  requireBytes("armored", armored);
  const end = armored.indexOf(separator);
  if (end < 0) throw new DecryptionError();
  // What comes instead of a name may be of any length.
  const found = new TextDecoder().decode(armored.subarray(0, Math.min(end, longestName)));
  if (found !== algorithm) throw new AlgorithmError(found, `The data is not ${algorithm}`);
  const rest = armored.subarray(end + 1);
  if (rest.length < modulusSize)
    throw new DataSizeError(`An RSA key of ${modulusSize} bytes needs more data, got ${rest.length}`);
  return { rsaPart: rest.subarray(0, modulusSize), data: rest.subarray(modulusSize) };
}
