import { orAbort, requireArgument, requireBytes, requireMethods, requireObject } from "@parsec/base";
import {
  humanHandleOf,
  PkiError,
  smartcard,
  verifyCertificateChain,
  verifyWithCertificate,
  type X509Key,
  x509CertificateDetails,
} from "@parsec/device";
import type { HumanHandle } from "@parsec/types";
import { certificatePath } from "./certificate-path.ts";
import { EnrollmentError } from "./errors.ts";
import type { EnrollmentIdentity, IdentityOptions, PayloadSignature, VerifyOptions } from "./identity.ts";

export interface X509IdentityOptions {
  /** Signs; its certificate says who one is. */
  readonly signingKey: X509Key;
  /** Opens what is kept until the enrollment is accepted: the signing key by default, if its certificate allows it. */
  readonly encryptionKey?: X509Key | undefined;
  /** DER of the certificates that are trusted by themselves. The other side needs the one that vouches for this one. */
  readonly roots: readonly Uint8Array[];
  /** DER of those between the own certificate and a root, in any order. */
  readonly intermediates?: readonly Uint8Array[] | undefined;
  /** DER of certificate revocation lists. When there is one, each certificate below the root must be covered. */
  readonly revocationLists?: readonly Uint8Array[] | undefined;
}

/**
 * An identity by an X.509 certificate: of a smart card (`openTokenKey`), a PKCS#12 or PEM file, a key in the browser.
 * @throws InvalidArgumentError
 */
export function x509Identity(options: X509IdentityOptions): EnrollmentIdentity {
  requireObject("options", options);
  requireKey("options.signingKey", options.signingKey);
  const { signingKey, encryptionKey = signingKey, roots, intermediates = [], revocationLists = [] } = options;
  requireKey("options.encryptionKey", encryptionKey);
  requireCertificates("options.roots", roots);
  requireCertificates("options.intermediates", intermediates);
  requireCertificates("options.revocationLists", revocationLists);
  return new X509Identity({ signingKey, encryptionKey, roots, intermediates, revocationLists });
}

type AllOptions = { readonly [Name in keyof X509IdentityOptions]-?: Exclude<X509IdentityOptions[Name], undefined> };

class X509Identity implements EnrollmentIdentity {
  readonly type = "PKI";
  readonly protection;
  readonly #options: AllOptions;

  constructor(options: AllOptions) {
    this.#options = options;
    this.protection = smartcard(options.encryptionKey);
  }

  async humanHandle(): Promise<HumanHandle> {
    const { signingKey, encryptionKey } = this.#options;
    return usable(async () => {
      const [signing, encryption] = await Promise.all(
        [signingKey, encryptionKey].map(({ certificate }) => x509CertificateDetails(certificate)),
      );
      if (encryption?.canEncrypt !== true) throw notMadeFor("encrypt");
      const handle = signing === undefined ? undefined : humanHandleOf(signing);
      if (handle === undefined) throw new PkiError("INVALID_CERTIFICATE", "The certificate has no e-mail address");
      return handle;
    });
  }

  async sign(payload: Uint8Array, { at, signal }: IdentityOptions): Promise<PayloadSignature> {
    const { signingKey, intermediates } = this.#options;
    const { certificate } = signingKey;
    return usable(async () => {
      if (!(await x509CertificateDetails(certificate)).canSign) throw notMadeFor("sign");
      await this.#ownRoot(at);
      const path = await certificatePath(certificate, intermediates);
      const signature = await orAbort(signingKey.sign(payload), signal);
      return {
        type: "PKI",
        signature,
        algorithm: "RSASSA-PSS-SHA256",
        certificate,
        intermediates: path.intermediates,
      };
    });
  }

  async verify(payload: Uint8Array, signed: PayloadSignature, options: VerifyOptions): Promise<void> {
    if (signed.type !== "PKI") throw new EnrollmentError("UNTRUSTED_SIGNATURE");
    const { at, expectedEmail } = options;
    const { revocationLists } = this.#options;
    const { certificate, intermediates, signature } = signed;
    const root = await usable(() => this.#ownRoot(at));
    await trusted(async () => {
      await verifyCertificateChain({ certificate, intermediates, roots: [root], revocationLists, at });
      if (!(await verifyWithCertificate(certificate, signature, payload))) return false;
      if (expectedEmail === undefined) return true;
      const { emails } = await x509CertificateDetails(certificate);
      return emails.some((email) => email === expectedEmail);
    });
  }

  /** The one root that vouches for the own certificate: no other is trusted for the other side. @throws PkiError */
  async #ownRoot(at: number): Promise<Uint8Array> {
    const { signingKey, intermediates, roots, revocationLists } = this.#options;
    let failure: PkiError | undefined;
    for (const root of roots) {
      const chain = { certificate: signingKey.certificate, intermediates, roots: [root], revocationLists, at };
      try {
        await verifyCertificateChain(chain);
        return root;
      } catch (error) {
        if (!(error instanceof PkiError)) throw error;
        failure = error;
      }
    }
    throw failure ?? new PkiError("UNTRUSTED_CERTIFICATE", "There is no root that could vouch for the certificate");
  }
}

async function usable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof PkiError ? new EnrollmentError("OWN_CERTIFICATE_UNUSABLE", { cause }) : cause;
  }
}

async function trusted(check: () => Promise<boolean>): Promise<void> {
  try {
    if (await check()) return;
  } catch (cause) {
    throw cause instanceof PkiError ? new EnrollmentError("UNTRUSTED_SIGNATURE", { cause }) : cause;
  }
  throw new EnrollmentError("UNTRUSTED_SIGNATURE");
}

function notMadeFor(use: string): PkiError {
  return new PkiError("INVALID_CERTIFICATE", `The certificate is not made to ${use}`);
}

function requireKey(argument: string, key: unknown): void {
  requireMethods(argument, key, "a key of a certificate", "decrypt", "sign", "close");
  requireBytes(`${argument}.certificate`, Reflect.get(Object(key), "certificate"));
}

function requireCertificates(argument: string, list: unknown): void {
  requireArgument(argument, list, "an array of Uint8Array", Array.isArray(list));
  for (const [index, der] of list.entries()) requireBytes(`${argument}[${index}]`, der);
}
