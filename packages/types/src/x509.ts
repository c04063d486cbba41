import { fromBase64, ParsecError, toBase64 } from "@parsec/base";
import { Bytes, type Infer, named, nonRequired, nullable, optional, orderedStruct } from "./codec/index.ts";
import { textKind } from "./text-kind.ts";

export class X509CertificateHashError extends ParsecError<"INVALID_X509_CERTIFICATE_HASH"> {
  override readonly name: string = "X509CertificateHashError";
  constructor() {
    super("INVALID_X509_CERTIFICATE_HASH", "Expected sha256- and the base64 form of 32 bytes");
  }
}

const prefix = "sha256-";
const digestSize = 32;

/**
 * SHA-256 of a DER certificate as `sha256-<base64, padded>` (spec 02 §7.2). The prefix is read in any case and kept in
 * lower case. `parse` throws {@link X509CertificateHashError}.
 */
export const X509CertificateHash = /* @__PURE__ */ textKind("X509CertificateHash", (text) => {
  const digest = fromBase64(text.slice(prefix.length));
  if (text.slice(0, prefix.length).toLowerCase() !== prefix || digest?.length !== digestSize) {
    throw new X509CertificateHashError();
  }
  return prefix + toBase64(digest);
});
export type X509CertificateHash = Infer<typeof X509CertificateHash>;

/** From the 32 bytes of the digest. @throws X509CertificateHashError */
export function x509CertificateHash(digest: Uint8Array): X509CertificateHash {
  return X509CertificateHash.parse(prefix + toBase64(digest));
}

/** The 32 bytes of the digest. */
export function x509CertificateDigest(hash: X509CertificateHash): Uint8Array<ArrayBuffer> {
  return fromBase64(hash.slice(prefix.length)) ?? new Uint8Array(digestSize);
}

const OptionalBytes = /* @__PURE__ */ nonRequired(/* @__PURE__ */ nullable(Bytes));

/** Where to look for a certificate on a smart card. `serial` is an unsigned big-endian integer (spec 02 §7.2). */
export const X509Pkcs11Uri = /* @__PURE__ */ named(
  "X509Pkcs11URI",
  /* @__PURE__ */ orderedStruct({
    id: OptionalBytes,
    label: OptionalBytes,
    derIssuer: Bytes,
    derSubject: Bytes,
    serial: Bytes,
  }),
);
export type X509Pkcs11Uri = Infer<typeof X509Pkcs11Uri>;

/** A certificate: its hash identifies, the URI only helps to find it (spec 02 §7.2). */
export const X509CertificateReference = /* @__PURE__ */ named(
  "X509CertificateReference",
  /* @__PURE__ */ orderedStruct({ uri: /* @__PURE__ */ optional(X509Pkcs11Uri), hash: X509CertificateHash }),
);
export type X509CertificateReference = Infer<typeof X509CertificateReference>;
