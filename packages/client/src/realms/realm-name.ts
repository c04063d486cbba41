import { ParsecError } from "@parsec/base";
import { type DateTime, decryptRealmName, type EntryName, type VlobId } from "@parsec/types";
import type { CertificateView } from "../certificates/view.ts";
import type { RealmKeys, RealmKeysOptions } from "../realm-keys/realm-keys.ts";

/** The name of a workspace cannot be read from its certificate: its key is bad, or an owner wrote no name there. */
export class InvalidRealmNameError extends ParsecError<"INVALID_REALM_NAME"> {
  override readonly name: string = "InvalidRealmNameError";
  constructor(options: { readonly cause: unknown }) {
    super("INVALID_REALM_NAME", "The name of the workspace cannot be read: an owner can rename it", options);
  }
}

/** The name that the last certificate gives, `undefined` when there is none (spec 09a §5.5). */
export async function currentRealmName(
  view: CertificateView,
  realmKeys: RealmKeys,
  realmId: VlobId,
  options: RealmKeysOptions = {},
): Promise<{ readonly name: EntryName; readonly timestamp: DateTime } | undefined> {
  const certificate = view.realmNames(realmId).at(-1);
  if (certificate === undefined) return undefined;
  const { keyIndex, encryptedName, timestamp } = certificate;
  const realmKey = await realmKeys.ofIndex(realmId, keyIndex, options);
  try {
    return { name: decryptRealmName(realmKey, encryptedName), timestamp };
  } catch (cause) {
    if (!ParsecError.is(cause)) throw cause;
    throw new InvalidRealmNameError({ cause });
  }
}
