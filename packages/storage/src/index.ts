import * as platform from "#platform";
import type { StorageDriver } from "./driver/port.ts";
import type { RealmExportFile } from "./driver/realm-export.ts";

export { memoryDriver } from "./driver/memory/driver.ts";
export * from "./driver/port.ts";
export type { ExportedBlock, ExportedVersion, RealmExportFile } from "./driver/realm-export.ts";
export { type FaultPlan, type StrictDriver, strictDriver } from "./driver/strict.ts";
export {
  PatternMismatchError,
  RealmExportError,
  type RealmExportErrorCode,
  StorageError,
  type StorageErrorCode,
  UnsupportedRealmExportError,
} from "./errors.ts";
export type { CertificateFilters, CertificateQuery, CertificateType, FilterValue } from "./store/certificate-query.ts";
export {
  type CertificateLookup,
  CertificatesStore,
  type IncomingCertificate,
  type LastTimestamps,
  type StoredCertificate,
} from "./store/certificates-store.ts";
export {
  DeviceStorage,
  initializeUserStorage,
  type OpenStorageOptions,
  type OpenWorkspaceOptions,
  openDeviceStorage,
  type StorageOwner,
} from "./store/device-storage.ts";
export type { DamagedManifest, WorkspaceManifest } from "./store/manifest.ts";
export { UserStore } from "./store/user-store.ts";
export {
  type NewChunk,
  type OutboundBacklog,
  type RemoteChange,
  type WorkspaceChanges,
  WorkspaceStore,
  type WorkspaceStoreOptions,
} from "./store/workspace-store.ts";

/**
 * The databases of this platform under `dir`: SQLite files in the layout of spec 12 §2 on Node, IndexedDB databases
 * whose names begin with `dir` in a browser (spec 12 §7).
 */
export const platformDriver: (dir: string) => StorageDriver = platform.platformDriver;

/**
 * Opens the file of an exported realm (spec 12 §8), on Node; it is never written.
 * @throws RealmExportError; StorageError NATIVE_MODULE_MISSING
 */
export const openRealmExportFile: (path: string) => Promise<RealmExportFile> = platform.openRealmExportFile;
