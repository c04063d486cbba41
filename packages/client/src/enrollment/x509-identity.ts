import { requireArgument, requireBytes, requireMethods, requireObject } from "@parsec/base";
import { smartcard, type X509Key } from "@parsec/device";
import type { EnrollmentIdentity } from "./identity.ts";
import type { CheckedX509Options, X509Signatures } from "./x509-signatures.ts";

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
  const checked: CheckedX509Options = { signingKey, encryptionKey, roots, intermediates, revocationLists };
  let loading: Promise<X509Signatures> | undefined;
  const signatures = async () => {
    loading ??= import("./x509-signatures.ts").then(({ X509Signatures }) => new X509Signatures(checked));
    return loading;
  };
  return {
    type: "PKI",
    protection: smartcard(encryptionKey),
    humanHandle: async () => (await signatures()).humanHandle(),
    sign: async (payload, given) => (await signatures()).sign(payload, given),
    verify: async (payload, signed, given) => (await signatures()).verify(payload, signed, given),
  };
}

function requireKey(argument: string, key: unknown): void {
  requireMethods(argument, key, "a key of a certificate", "decrypt", "sign", "close");
  requireBytes(`${argument}.certificate`, Reflect.get(Object(key), "certificate"));
}

function requireCertificates(argument: string, list: unknown): void {
  requireArgument(argument, list, "an array of Uint8Array", Array.isArray(list));
  for (const [index, der] of list.entries()) requireBytes(`${argument}[${index}]`, der);
}
