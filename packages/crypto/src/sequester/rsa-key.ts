import { equalBytes } from "@parsec/base";
import { DerReader, DerSyntaxError, derTag } from "./der.ts";
import { derInteger, derValue } from "./der-writer.ts";

/** 1.2.840.113549.1.1.1, rsaEncryption. */
const rsaEncryption = /* @__PURE__ */ Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01);

/** Same bounds as OpenSSL: beyond them one public operation could take seconds. */
const maxModulusBits = 16_384;
const maxExponentBits = 64;

/** Public numbers of an RSA key, big-endian without leading zeros. */
export interface RsaPublicNumbers {
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

/** A PKCS#1 private key: the public numbers, then d, p, q, d mod (p-1), d mod (q-1), 1/q mod p. */
export interface RsaPrivateNumbers extends RsaPublicNumbers {
  readonly secrets: readonly Uint8Array[];
}

/**
 * Reads a SubjectPublicKeyInfo.
 * @throws DerSyntaxError
 */
export function parseSpki(der: Uint8Array): RsaPublicNumbers {
  const spki = readOnly(der);
  readAlgorithm(spki);
  const bits = spki.read(derTag.bitString);
  spki.expectEnd();
  if (bits[0] !== 0) throw new DerSyntaxError("key of a broken number of bytes");
  const key = readOnly(bits.subarray(1));
  const numbers = readPublicNumbers(key);
  key.expectEnd();
  return numbers;
}

/** The SubjectPublicKeyInfo of these numbers. */
export function encodeSpki({ modulus, exponent }: RsaPublicNumbers): Uint8Array<ArrayBuffer> {
  const key = derValue(derTag.sequence, derInteger(modulus), derInteger(exponent));
  return derValue(derTag.sequence, encodeAlgorithm(), derValue(derTag.bitString, Uint8Array.of(0), key));
}

/**
 * Reads a PKCS#8 PrivateKeyInfo. Attributes after the key are accepted, and dropped by a dump.
 * @throws DerSyntaxError
 */
export function parsePkcs8(der: Uint8Array): RsaPrivateNumbers {
  const info = readOnly(der);
  readVersion(info);
  readAlgorithm(info);
  const key = readOnly(info.read(derTag.octetString));
  if (!info.atEnd) info.read(attributesTag);
  info.expectEnd();
  readVersion(key);
  const numbers = readPublicNumbers(key);
  const secrets = Array.from({ length: 6 }, () => key.readInteger());
  key.expectEnd();
  return { ...numbers, secrets };
}

/** [0], constructed. */
const attributesTag = 0xa0;

/** The PKCS#8 PrivateKeyInfo of these numbers. */
export function encodePkcs8({ modulus, exponent, secrets }: RsaPrivateNumbers): Uint8Array<ArrayBuffer> {
  const zero = derInteger(Uint8Array.of(0));
  const integers = [modulus, exponent, ...secrets].map(derInteger);
  const key = derValue(derTag.sequence, zero, ...integers);
  const info = derValue(derTag.sequence, zero, encodeAlgorithm(), derValue(derTag.octetString, key));
  for (const secret of [...integers, key]) secret.fill(0);
  return info;
}

/** Bits of a number without leading zero bytes. */
export function bitLength(magnitude: Uint8Array): number {
  return magnitude.length * 8 - (Math.clz32(magnitude[0] ?? 0) - 24);
}

/** The one sequence that these bytes are. */
function readOnly(der: Uint8Array): DerReader {
  const outer = new DerReader(der);
  const sequence = outer.readSequence();
  outer.expectEnd();
  return sequence;
}

function readVersion(reader: DerReader): void {
  if (!equalBytes(reader.readInteger(), Uint8Array.of(0))) throw new DerSyntaxError("unsupported version");
}

function readAlgorithm(reader: DerReader): void {
  const algorithm = reader.readSequence();
  if (!equalBytes(algorithm.read(derTag.oid), rsaEncryption)) throw new DerSyntaxError("the key is not RSA");
  if (!algorithm.atEnd) algorithm.readNull();
  algorithm.expectEnd();
}

function encodeAlgorithm(): Uint8Array<ArrayBuffer> {
  return derValue(derTag.sequence, derValue(derTag.oid, rsaEncryption), derValue(derTag.null));
}

function readPublicNumbers(reader: DerReader): RsaPublicNumbers {
  const modulus = reader.readInteger();
  const exponent = reader.readInteger();
  if (bitLength(modulus) > maxModulusBits) throw new DerSyntaxError(`modulus above ${maxModulusBits} bits`);
  if (bitLength(exponent) > maxExponentBits) throw new DerSyntaxError(`exponent above ${maxExponentBits} bits`);
  const odd = (number: Uint8Array) => ((number.at(-1) ?? 0) & 1) === 1;
  if (!odd(modulus) || !odd(exponent) || bitLength(exponent) < 2)
    throw new DerSyntaxError("impossible modulus or exponent");
  return { modulus, exponent };
}
