import { fromBase64 } from "@parsec/base";
import { PrivateKey, SecretKey, SigningKey, VerifyKey } from "@parsec/crypto";
import {
  DeviceId,
  DeviceLabel,
  HumanHandle,
  type LocalDevice,
  OrganizationId,
  parseServerHttpUrl,
  UserId,
  UserProfile,
  VlobId,
} from "@parsec/types";

// Organizations of `test/vectors/organizations` (spec 13), on servers; in pages too.

export interface DumpOperation {
  readonly op: string;
  readonly [field: string]: unknown;
}

export interface DumpUser {
  readonly user_id: string;
  readonly human_handle: { readonly email: string; readonly label: string };
  readonly initial_profile: string;
  readonly private_key: string;
  readonly user_realm_id: string;
  readonly user_realm_key: string;
}

export interface DumpDevice {
  readonly device_id: string;
  readonly user_id: string;
  readonly device_label: string;
  readonly signing_key: string;
  readonly local_symkey: string;
}

export interface ExpectedUser {
  readonly user_id: string;
  readonly human_handle: { readonly email: string; readonly label: string };
  readonly created_on: number;
  readonly created_by: string | null;
  readonly current_profile: string;
  readonly revoked_on: number | null;
  readonly revoked_by: string | null;
}

export interface ExpectedDevice {
  readonly device_id: string;
  readonly user_id: string;
  readonly device_label: string;
  readonly purpose: string;
  readonly created_on: number;
  readonly created_by: string | null;
}

export interface ExpectedRealm {
  readonly realm_id: string;
  readonly kind: "user" | "workspace";
  readonly deleted_on: number | null;
  readonly archiving_configuration: { readonly type: string; readonly deletion_date?: number };
  readonly members: Readonly<Record<string, string>>;
  readonly role_updates: readonly { readonly user_id: string; readonly role: string | null }[];
  readonly key_rotations: readonly { readonly key_index: number }[];
  readonly names: readonly { readonly name: string | null; readonly timestamp: number }[];
}

export interface Dump {
  readonly operations: readonly DumpOperation[];
  readonly keys: {
    readonly root_verify_key: string;
    readonly users: readonly DumpUser[];
    readonly devices: readonly DumpDevice[];
  };
  readonly expected: {
    readonly users: readonly ExpectedUser[];
    readonly devices: readonly ExpectedDevice[];
    readonly realms: readonly ExpectedRealm[];
    readonly certificates_seen_by: Readonly<
      Record<
        string,
        {
          readonly redacted: boolean;
          readonly common: number;
          readonly sequester: number;
          readonly shamir_recovery: number;
          readonly realms: Readonly<Record<string, number>>;
        }
      >
    >;
  };
}

export function bytesOf(base64: unknown): Uint8Array<ArrayBuffer> {
  const value = typeof base64 === "string" ? fromBase64(base64) : undefined;
  if (value === undefined) throw new Error("not base64");
  return value;
}

export function rootVerifyKey(dump: LoadableDump): VerifyKey {
  return VerifyKey.fromBytes(bytesOf(dump.keys.root_verify_key));
}

/** The user whose label begins so. */
export function dumpUser(dump: LoadableDump, label: string): DumpUser {
  return found(
    dump.keys.users.find(({ human_handle }) => human_handle.label.startsWith(label)),
    label,
  );
}

/** What a server and a device need of a dump. */
export type LoadableDump = Omit<Dump, "expected">;

/** Where a dump was loaded. */
export interface LoadedOrganization {
  /** `http://…` */
  readonly serverUrl: string;
  readonly organizationId: string;
}

/** The first device of a user, or another one, with all its keys. */
export function localDevice(
  dump: LoadableDump,
  label: string,
  { serverUrl, organizationId }: LoadedOrganization,
  index = 0,
): LocalDevice {
  const user = dumpUser(dump, label);
  const devices = dump.keys.devices.filter(({ user_id }) => user_id === user.user_id);
  const device = found(devices[index], `${label} ${index}`);
  return {
    type: "local_device",
    serverUrl: parseServerHttpUrl(serverUrl),
    organizationId: OrganizationId.parse(organizationId),
    rootVerifyKey: rootVerifyKey(dump),
    userId: found(UserId.parse(user.user_id), "user id"),
    deviceId: found(DeviceId.parse(device.device_id), "device id"),
    deviceLabel: DeviceLabel.parse(device.device_label),
    humanHandle: HumanHandle.parse(user.human_handle.email, user.human_handle.label),
    signingKey: SigningKey.fromBytes(bytesOf(device.signing_key)),
    privateKey: PrivateKey.fromBytes(bytesOf(user.private_key)),
    initialProfile: UserProfile.parse(user.initial_profile),
    userRealmId: found(VlobId.parse(user.user_realm_id), "realm id"),
    userRealmKey: SecretKey.fromBytes(bytesOf(user.user_realm_key)),
    localSymkey: SecretKey.fromBytes(bytesOf(device.local_symkey)),
  };
}

/** Loads a dump through the testbed's control route (spec 13 §7). */
export async function loadDump(serverUrl: string, dump: LoadableDump): Promise<LoadedOrganization> {
  const { organization_id: organizationId } = await control(serverUrl, "testbed/organizations", { dump });
  if (typeof organizationId !== "string") throw new Error("the server gave no organization id");
  return { serverUrl, organizationId };
}

/** Applies more operations to a loaded organization. */
export async function applyOperations(
  { serverUrl, organizationId }: LoadedOrganization,
  operations: readonly DumpOperation[],
): Promise<void> {
  await control(serverUrl, `testbed/organizations/${organizationId}/operations`, { operations });
}

async function control(serverUrl: string, path: string, body: object): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`${serverUrl}/${path}`, { method: "POST", body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the dump has no ${what}`);
  return value;
}
