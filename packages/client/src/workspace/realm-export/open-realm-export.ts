import { requireArgument, requireBytes, requireObject, requireText, throwIfAborted } from "@parsec/base";
import { SequesterPrivateKey } from "@parsec/crypto";
import type { Protection } from "@parsec/device";
import { openRealmExportFile, RealmExportError, type RealmExportFile } from "@parsec/storage";
import { type DeviceId, type LocalDevice, type SequesterServiceId, UserId } from "@parsec/types";
import { requireId, requireLocalDevice, requireOptions, requireProtection } from "../../arguments.ts";
import { CertificateIndex } from "../../certificates/certificate-index.ts";
import { ingest } from "../../certificates/ingest.ts";
import type { CertificateView } from "../../certificates/view.ts";
import { unlockStored } from "../../devices/unlock-stored.ts";
import type { ParsecPorts } from "../../ports.ts";
import type { SourceOptions } from "../history/source.ts";
import { ExportSource } from "./export-source.ts";
import { type KeyHolder, recoverKeys } from "./keys.ts";
import { RealmExport } from "./realm-export.ts";

export type { RealmExport, SourceOptions };

/**
 * What opens an exported workspace: a device of somebody who was a member (stored in this folder, or unlocked), or the
 * private key of a sequester service, as PEM or DER (PKCS#8).
 */
export type RealmExportKey =
  | { readonly deviceId: DeviceId; readonly protection: Protection }
  | { readonly device: LocalDevice }
  | { readonly serviceId: SequesterServiceId; readonly privateKey: string | Uint8Array };

/**
 * See `Parsec.openRealmExport`. A service, unlike a device, has only the file to tell it whose organization that is.
 * @throws RealmExportError; HistoryError NO_HISTORY; ClientError REALM_ACCESS_DENIED; InvalidCertificateError;
 * InvalidKeysBundleError, MissingKeyRotationsError; InvalidManifestError; LoginError for a stored device;
 * RsaPrivateKeyDerError for the key of a service
 */
export async function openRealmExport(
  ports: ParsecPorts,
  path: string,
  keys: readonly RealmExportKey[],
  options: SourceOptions = {},
): Promise<RealmExport> {
  requireText("path", path, { filled: true });
  requireArgument("keys", keys, "an array of one key or more", Array.isArray(keys) && keys.length > 0);
  requireOptions(options);
  throwIfAborted(options.signal);
  const holders: KeyHolder[] = [];
  for (const [index, key] of keys.entries()) holders.push(await holderOf(ports, key, `keys[${index}]`, options));
  const file = await openRealmExportFile(path);
  try {
    const ours = holders.filter((holder) => isOfOrganization(holder, file));
    if (ours.length === 0) throw foreign();
    const view = await readCertificates(file);
    throwIfAborted(options.signal);
    const recovered = await recoverKeys(file, view, ours, options);
    const source = await ExportSource.open(file, { view, keys: recovered }, options);
    return new RealmExport(source, file.organizationId);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function holderOf(
  ports: ParsecPorts,
  key: RealmExportKey,
  argument: string,
  options: SourceOptions,
): Promise<KeyHolder> {
  requireObject(argument, key);
  if ("device" in key) {
    requireLocalDevice(key.device);
    return { device: key.device };
  }
  if ("deviceId" in key) {
    requireText(`${argument}.deviceId`, key.deviceId, { filled: true });
    requireProtection(key.protection);
    return { device: await unlockStored(ports, key.deviceId, key.protection, options) };
  }
  const { serviceId, privateKey } = key;
  requireId(`${argument}.serviceId`, serviceId);
  if (typeof privateKey === "string") return { serviceId, privateKey: SequesterPrivateKey.fromPem(privateKey) };
  requireBytes(`${argument}.privateKey`, privateKey);
  return { serviceId, privateKey: SequesterPrivateKey.fromDer(privateKey) };
}

/** A device knows the root key of its organization; a service believes the file. */
function isOfOrganization(holder: KeyHolder, { rootVerifyKey }: RealmExportFile): boolean {
  return !("device" in holder) || holder.device.rootVerifyKey.equals(rootVerifyKey);
}

async function readCertificates(file: RealmExportFile): Promise<CertificateView> {
  const index = new CertificateIndex();
  const batch = {
    sequesterCertificates: file.certificates("sequester"),
    commonCertificates: file.certificates("common"),
    realmCertificates: new Map([[file.realmId, file.certificates("realm")]]),
    shamirRecoveryCertificates: [],
  };
  // Nobody in particular: recovery setups, whose certificates are not for everybody, are not exported.
  await ingest(index, batch, { userId: UserId.generate(), rootVerifyKey: file.rootVerifyKey });
  return index;
}

function foreign(): RealmExportError {
  return new RealmExportError(
    "INVALID_REALM_EXPORT",
    "The file is not signed by the organization of this device: it is of another one, or forged",
  );
}
