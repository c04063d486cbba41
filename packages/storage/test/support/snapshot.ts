import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fromHex } from "@parsec/base";
import { ready, SecretKey } from "@parsec/crypto";
import { DeviceId, VlobId } from "@parsec/types";
import type { StorageOwner } from "../../src/index.ts";
import { temporaryFolder } from "./folder.ts";

/** The folders written by the real client, and what they decode to. */
const vectors = join(import.meta.dirname, "../../../../test/vectors/local-storage");

export interface ExpectedCertificate {
  readonly type: string;
  readonly timestamp_us: string;
  readonly filter1: string | null;
  readonly filter2: string | null;
  readonly signed_sha256: string;
}

interface ExpectedContent {
  readonly clear_size: number;
  readonly sha256: string;
}

export interface ExpectedWorkspace {
  readonly realm_id: string;
  readonly checkpoint: number;
  readonly prevent_sync_pattern: { readonly pattern: string; readonly fully_applied: boolean };
  readonly manifests: readonly {
    readonly id: string;
    readonly base_version: number;
    readonly remote_version: number;
    readonly need_sync: boolean;
    readonly content: { readonly type: string };
  }[];
  readonly chunks: Readonly<Record<string, ExpectedContent>>;
  readonly blocks: Readonly<Record<string, ExpectedContent & { readonly accessed_on_us: string }>>;
  readonly pending: {
    readonly need_sync: readonly string[];
    readonly need_inbound: readonly string[];
    readonly backlog_entries: number;
    readonly backlog_bytes: number;
  };
}

export interface Snapshot {
  readonly name: string;
  readonly device_id: string;
  readonly device_files: readonly { readonly local_device: LocalDeviceVector }[];
  readonly certificates: {
    readonly rows: readonly ExpectedCertificate[];
    readonly last_timestamp_us: Readonly<Record<string, string>>;
  };
  readonly user: {
    readonly checkpoint: number;
    readonly user_manifest: unknown;
  };
  readonly workspaces: readonly ExpectedWorkspace[];
}

interface LocalDeviceVector {
  readonly device_id: { readonly $uuid: string };
  readonly user_realm_id: { readonly $uuid: string };
  readonly local_symkey: { readonly $bytes: string };
}

export const snapshots: readonly Snapshot[] = JSON.parse(
  await readFile(join(vectors, "expected.json"), "utf8"),
).snapshots;

/** A copy of the data folder of a snapshot, to work in, and whose it is. */
export async function copyOf(snapshot: Snapshot): Promise<{ readonly dir: string; readonly owner: StorageOwner }> {
  await ready();
  const dir = await temporaryFolder();
  await cp(join(vectors, snapshot.name, "data"), dir, { recursive: true });
  const device = snapshot.device_files
    .map((file) => file.local_device)
    .find((it) => it.device_id.$uuid === snapshot.device_id);
  if (device === undefined) throw new Error("The snapshot has no device file of its device");
  const owner = {
    deviceId: idOf(DeviceId, device.device_id.$uuid),
    userRealmId: idOf(VlobId, device.user_realm_id.$uuid),
    localSymkey: SecretKey.fromBytes(fromHex(device.local_symkey.$bytes) ?? new Uint8Array()),
  };
  return { dir, owner };
}

export function idOf<Id>(kind: { parse(text: string): Id | undefined }, text: string): Id {
  const id = kind.parse(text);
  if (id === undefined) throw new Error(`Not an id: ${text}`);
  return id;
}
