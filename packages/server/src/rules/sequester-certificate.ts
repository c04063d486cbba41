import { ParsecError } from "@parsec/base";
import { SequesterVerifyKey } from "@parsec/crypto";
import {
  type SequesterRevokedServiceCertificate,
  type SequesterServiceCertificate,
  verifySequesterCertificate,
} from "@parsec/types";
import type { SequesterAuthority } from "../store/port/organizations.ts";

/** The certificate of a service, signed by the authority; `undefined` for anything else. */
export async function verifiedService(
  authority: SequesterAuthority,
  certificate: Uint8Array,
): Promise<SequesterServiceCertificate | undefined> {
  const verified = await verifiedCertificate(authority, certificate);
  return verified?.type === "sequester_service_certificate" ? verified : undefined;
}

/** The revocation of a service, signed by the authority; `undefined` for anything else. */
export async function verifiedRevocation(
  authority: SequesterAuthority,
  certificate: Uint8Array,
): Promise<SequesterRevokedServiceCertificate | undefined> {
  const verified = await verifiedCertificate(authority, certificate);
  return verified?.type === "sequester_revoked_service_certificate" ? verified : undefined;
}

async function verifiedCertificate(authority: SequesterAuthority, certificate: Uint8Array) {
  try {
    const key = SequesterVerifyKey.fromDer(authority.verifyKeyDer);
    return (await verifySequesterCertificate(certificate, key)).value;
  } catch (error) {
    if (ParsecError.is(error)) return undefined;
    throw error;
  }
}
