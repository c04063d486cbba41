import { ParsecError } from "@parsec/base";
import type { RealmKeyRotationCertificate, VlobId } from "@parsec/types";
import type { CertificateView } from "../certificates/view.ts";

/** The key rotation certificates of a realm do not follow one another: certificates are missing (spec 09a §2.2). */
export class MissingKeyRotationsError extends ParsecError<"MISSING_KEY_ROTATIONS"> {
  override readonly name: string = "MissingKeyRotationsError";
  constructor() {
    super(
      "MISSING_KEY_ROTATIONS",
      "Key rotation certificates of the workspace are missing or out of order: the server's data are inconsistent",
    );
  }
}

/**
 * All rotations, oldest first: the i-th made key i.
 * @throws MissingKeyRotationsError
 */
export function contiguousRotations(view: CertificateView, realmId: VlobId): readonly RealmKeyRotationCertificate[] {
  const rotations = view.keyRotations(realmId);
  if (rotations.some(({ keyIndex }, i) => keyIndex !== i + 1)) throw new MissingKeyRotationsError();
  return rotations;
}
