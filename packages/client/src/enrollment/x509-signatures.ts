import { orAbort } from "@parsec/base";
import {
  humanHandleOf,
  PkiError,
  verifyCertificateChain,
  verifyWithCertificate,
  x509CertificateDetails,
} from "@parsec/device";
import type { HumanHandle } from "@parsec/types";
import { certificatePath } from "./certificate-path.ts";
import { EnrollmentError } from "./errors.ts";
import type { EnrollmentIdentity, IdentityOptions, PayloadSignature, VerifyOptions } from "./identity.ts";
import type { X509IdentityOptions } from "./x509-identity.ts";

/** With every default filled in. */
export type CheckedX509Options = {
  readonly [Name in keyof X509IdentityOptions]-?: Exclude<X509IdentityOptions[Name], undefined>;
};

/** What an identity by certificates does: loaded with the first enrollment. */
export class X509Signatures implements Pick<EnrollmentIdentity, "humanHandle" | "sign" | "verify"> {
  readonly #options: CheckedX509Options;

  constructor(options: CheckedX509Options) {
    this.#options = options;
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
