import { ParsecError } from "@parsec/base";
import { StorageError, type StoredCertificate } from "@parsec/storage";
import { type AnyCertificate, loadTrustedCertificate, loadTrustedSequesterCertificate } from "@parsec/types";
import { CertificateIndex } from "./certificate-index.ts";

/**
 * The certificates that this device validated when they came in. Their signatures are not checked again: they are
 * under the device's own key (spec 04 §1.3).
 * @throws StorageError STORAGE_CORRUPTED
 */
export function loadStoredCertificates(stored: readonly StoredCertificate[]): CertificateIndex {
  const index = new CertificateIndex();
  for (const certificate of stored) index.add(loadOne(index, certificate));
  return index;
}

function loadOne(index: CertificateIndex, { type, signed }: StoredCertificate): AnyCertificate {
  try {
    if (type !== "sequester_service_certificate" && type !== "sequester_revoked_service_certificate") {
      return loadTrustedCertificate(signed).value;
    }
    const authority = index.sequesterAuthority();
    if (authority === undefined) throw unreadable();
    return loadTrustedSequesterCertificate(signed, authority.verifyKeyDer).value;
  } catch (cause) {
    if (!ParsecError.is(cause)) throw cause;
    throw unreadable(cause);
  }
}

function unreadable(cause?: unknown): StorageError {
  const message = "A stored certificate cannot be read: log in with `refetchCertificates`, they are on the server too";
  return new StorageError("STORAGE_CORRUPTED", message, { cause });
}
