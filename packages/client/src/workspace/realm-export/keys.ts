import { ParsecError, throwIfAborted } from "@parsec/base";
import type { SecretKey, SequesterPrivateKey } from "@parsec/crypto";
import type { RealmExportFile } from "@parsec/storage";
import {
  type LocalDevice,
  openRealmKeysBundleAccess,
  openSequesterKeysBundleAccess,
  type SequesterServiceId,
} from "@parsec/types";
import type { CertificateView } from "../../certificates/view.ts";
import { ClientError } from "../../errors.ts";
import { type LoadedKeysBundle, loadOpenedKeysBundle, type RealmKey } from "../../realm-keys/keys-bundle.ts";
import { InvalidKeysBundleError } from "../../realm-keys/keys-bundle-error.ts";
import { repairKeys } from "../../realm-keys/repair.ts";
import { contiguousRotations } from "../../realm-keys/rotations.ts";

/** Who opens the exported keys: a user, or a sequester service. */
export type KeyHolder =
  | { readonly device: LocalDevice }
  | { readonly serviceId: SequesterServiceId; readonly privateKey: SequesterPrivateKey };

/**
 * The keys of an exported realm, that of index i at i - 1: out of the newest bundle that one of `holders` opens, in the
 * order in which they are given (spec 11 §19.4).
 * @throws ClientError REALM_ACCESS_DENIED when the file has no access for any of them; InvalidKeysBundleError;
 * MissingKeyRotationsError; RealmExportError
 */
export async function recoverKeys(
  file: RealmExportFile,
  view: CertificateView,
  holders: readonly KeyHolder[],
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<readonly RealmKey[]> {
  const rotations = contiguousRotations(view, file.realmId);
  let refusal: InvalidKeysBundleError | undefined;
  const load = async (keyIndex: number): Promise<LoadedKeysBundle | undefined> => {
    const [rotation, bundle] = [rotations[keyIndex - 1], file.keysBundle(keyIndex)];
    if (rotation === undefined || bundle === undefined) return undefined;
    for (const open of accessesOf(file, holders, keyIndex)) {
      throwIfAborted(signal);
      try {
        return loadOpenedKeysBundle(view, rotations, rotation, bundle, await open());
      } catch (cause) {
        if (!ParsecError.is(cause)) throw cause;
        const isOurs = cause instanceof InvalidKeysBundleError;
        refusal ??= isOurs ? cause : new InvalidKeysBundleError("CORRUPTED_ACCESS", rotation, { cause });
      }
    }
    return undefined;
  };
  for (let keyIndex = rotations.length; keyIndex > 0; keyIndex -= 1) {
    const bundle = await load(keyIndex);
    if (bundle !== undefined) return (await repairKeys(bundle, load)).keys;
  }
  if (rotations.length === 0) return [];
  throw refusal ?? new ClientError("REALM_ACCESS_DENIED");
}

function* accessesOf(
  file: RealmExportFile,
  holders: readonly KeyHolder[],
  keyIndex: number,
): Generator<() => SecretKey | Promise<SecretKey>, void, undefined> {
  for (const holder of holders) {
    if ("device" in holder) {
      const { userId, privateKey } = holder.device;
      for (const access of file.userAccesses(userId, keyIndex)) {
        yield () => openRealmKeysBundleAccess(access, privateKey);
      }
    } else {
      for (const access of file.serviceAccesses(holder.serviceId, keyIndex)) {
        yield () => openSequesterKeysBundleAccess(access, holder.privateKey);
      }
    }
  }
}
