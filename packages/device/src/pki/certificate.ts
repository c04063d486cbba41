import { requireArgument, requireBytes } from "@parsec/base";
import { sha256 } from "@parsec/crypto";
import {
  DateTime,
  EmailAddress,
  type HumanHandle,
  HumanHandle as HumanHandles,
  type X509CertificateReference,
  x509CertificateHash,
} from "@parsec/types";
import type { Certificate, RelativeDistinguishedNames } from "pkijs";
import { InvalidX509CertificateError } from "./errors.ts";

/** What a certificate says of its owner (spec 06 §13.3). Not verified: see `verifyCertificateChain`. */
export interface X509CertificateDetails {
  readonly commonName: string;
  /** Whose it is, and who vouches for it: what can be read of their names, in order. */
  readonly subject: readonly X509Name[];
  readonly issuer: readonly X509Name[];
  /** Those of the subject alternative name first, then those of the subject. */
  readonly emails: readonly EmailAddress[];
  readonly canEncrypt: boolean;
  readonly canSign: boolean;
  readonly notBefore: DateTime;
  readonly notAfter: DateTime;
  /** Unsigned, big-endian. */
  readonly serial: Uint8Array;
  readonly derIssuer: Uint8Array;
  readonly derSubject: Uint8Array;
}

/** One value of a distinguished name. Others than these are not shown. */
export interface X509Name {
  readonly type: "COMMON_NAME" | "EMAIL_ADDRESS";
  readonly value: string;
}

const oids = {
  commonName: "2.5.4.3",
  emailAddress: "1.2.840.113549.1.9.1",
  keyUsage: "2.5.29.15",
  subjectAlternativeName: "2.5.29.17",
  rsaEncryption: "1.2.840.113549.1.1.1",
};

/** GeneralName of an e-mail address. */
const rfc822Name = 1;
/** Bits of the first byte of the key usage. */
const usage = { digitalSignature: 0x80, keyEncipherment: 0x20, dataEncipherment: 0x10 };

/** @throws InvalidX509CertificateError */
export async function parseX509(der: Uint8Array): Promise<Certificate> {
  requireBytes("der", der);
  const { Certificate } = await import("pkijs");
  try {
    const certificate = Certificate.fromBER(Uint8Array.from(der));
    if (certificate.subjectPublicKeyInfo.algorithm.algorithmId === oids.rsaEncryption) return certificate;
  } catch (cause) {
    throw new InvalidX509CertificateError("INVALID_DER", cause);
  }
  throw new InvalidX509CertificateError("NOT_RSA");
}

/** @throws InvalidX509CertificateError */
export async function x509CertificateDetails(der: Uint8Array): Promise<X509CertificateDetails> {
  const certificate = await parseX509(der);
  const commonName = textsOf(certificate.subject, oids.commonName)[0];
  if (commonName === undefined) throw new InvalidX509CertificateError("NO_COMMON_NAME");
  return {
    commonName,
    subject: readableNames(certificate.subject),
    issuer: readableNames(certificate.issuer),
    emails: emailsOf(certificate).map(parseEmail),
    ...usagesOf(certificate),
    notBefore: timeOf(certificate.notBefore.value),
    notAfter: timeOf(certificate.notAfter.value),
    serial: withoutLeadingZeros(certificate.serialNumber.valueBlock.valueHexView),
    derIssuer: new Uint8Array(certificate.issuer.toSchema().toBER()),
    derSubject: new Uint8Array(certificate.subject.toSchema().toBER()),
  };
}

function readableNames(name: RelativeDistinguishedNames): readonly X509Name[] {
  const types: Readonly<Record<string, X509Name["type"]>> = {
    [oids.commonName]: "COMMON_NAME",
    [oids.emailAddress]: "EMAIL_ADDRESS",
  };
  return name.typesAndValues.flatMap(({ type: oid, value }) => {
    const type = types[oid];
    return type === undefined ? [] : [{ type, value: String(value.valueBlock.value) }];
  });
}

/** Whose certificate it is, and who vouches for it: what links the certificates of a chain. */
export interface X509Names {
  readonly derSubject: Uint8Array;
  readonly derIssuer: Uint8Array;
  /** Unsigned, big-endian. */
  readonly serial: Uint8Array;
  readonly issuerCommonName: string | undefined;
}

/**
 * The names alone, whatever else the certificate lacks.
 * @throws InvalidX509CertificateError INVALID_DER, NOT_RSA
 */
export async function x509Names(der: Uint8Array): Promise<X509Names> {
  const { subject, issuer, serialNumber } = await parseX509(der);
  return {
    serial: withoutLeadingZeros(serialNumber.valueBlock.valueHexView),
    derSubject: new Uint8Array(subject.toSchema().toBER()),
    derIssuer: new Uint8Array(issuer.toSchema().toBER()),
    issuerCommonName: textsOf(issuer, oids.commonName)[0],
  };
}

/** The name by which the certificate's owner enrolls, when it holds an e-mail address. */
export function humanHandleOf({ emails, commonName }: X509CertificateDetails): HumanHandle | undefined {
  requireArgument("details.emails", emails, "an array", Array.isArray(emails));
  const [email] = emails;
  return email === undefined ? undefined : HumanHandles.parse(email, commonName);
}

/** The reference of a certificate: its SHA-256, and how to find it on a token when that is known (spec 06 §13.2). */
export async function x509CertificateReference(
  der: Uint8Array,
  uri?: X509CertificateReference["uri"],
): Promise<X509CertificateReference> {
  requireBytes("der", der);
  const hash = x509CertificateHash((await sha256(der)).toBytes());
  return uri === undefined ? { hash } : { uri, hash };
}

/** Two references are equal when their hashes are: what else they say only helps to find the certificate. */
export function isSameCertificate(a: X509CertificateReference, b: X509CertificateReference): boolean {
  return a.hash === b.hash;
}

function emailsOf(certificate: Certificate): string[] {
  const names = extension(certificate, oids.subjectAlternativeName);
  const alternatives = isAltNames(names) ? names.altNames.filter(({ type }) => type === rfc822Name) : [];
  return [...alternatives.map(({ value }) => String(value)), ...textsOf(certificate.subject, oids.emailAddress)];
}

function isAltNames(value: unknown): value is { altNames: readonly { type: number; value: unknown }[] } {
  return typeof value === "object" && value !== null && "altNames" in value && Array.isArray(value.altNames);
}

function parseEmail(text: string): EmailAddress {
  try {
    return EmailAddress.parse(text);
  } catch (cause) {
    throw new InvalidX509CertificateError("INVALID_EMAIL", cause);
  }
}

/** Without the extension everything is allowed. */
function usagesOf(certificate: Certificate): { readonly canEncrypt: boolean; readonly canSign: boolean } {
  const bits = extension(certificate, oids.keyUsage);
  if (bits === undefined) return { canEncrypt: true, canSign: true };
  const first = firstByte(bits);
  return {
    canEncrypt: (first & (usage.keyEncipherment | usage.dataEncipherment)) !== 0,
    canSign: (first & usage.digitalSignature) !== 0,
  };
}

function firstByte(bitString: unknown): number {
  if (typeof bitString !== "object" || bitString === null || !("valueBlock" in bitString)) return 0;
  const { valueBlock } = bitString;
  if (typeof valueBlock !== "object" || valueBlock === null || !("valueHexView" in valueBlock)) return 0;
  return valueBlock.valueHexView instanceof Uint8Array ? (valueBlock.valueHexView[0] ?? 0) : 0;
}

function extension(certificate: Certificate, oid: string): unknown {
  return certificate.extensions?.find(({ extnID }) => extnID === oid)?.parsedValue;
}

function textsOf(name: RelativeDistinguishedNames, oid: string): string[] {
  const values = name.typesAndValues.filter(({ type }) => type === oid);
  return values.map(({ value }) => String(value.valueBlock.value));
}

function timeOf(date: Date): DateTime {
  try {
    return DateTime.fromMicros(date.getTime() * 1000);
  } catch (cause) {
    throw new InvalidX509CertificateError("INVALID_TIME", cause);
  }
}

function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  return bytes.slice(start < 0 ? bytes.length - 1 : start);
}
