import type { OperationOptions } from "@parsec/base";
import type { DeviceId, DeviceLabel, DevicePurpose, HumanHandle, Timestamp, UserId, UserProfile } from "@parsec/types";

export interface UserInfo {
  readonly id: UserId;
  readonly humanHandle: HumanHandle;
  readonly profile: UserProfile;
  readonly createdOn: Timestamp;
  /** `undefined`: the organization's root key, at bootstrap. */
  readonly createdBy: DeviceId | undefined;
  readonly revokedOn: Timestamp | undefined;
  readonly revokedBy: DeviceId | undefined;
}

export interface DeviceInfo {
  readonly id: DeviceId;
  readonly userId: UserId;
  readonly label: DeviceLabel;
  readonly purpose: DevicePurpose;
  readonly createdOn: Timestamp;
  readonly createdBy: DeviceId | undefined;
}

/** The users of the organization, as this device knows them. Reading needs no network (spec 09a §7.1, §7.3). */
export interface Users {
  readonly self: UserInfo;
  /** By date of creation. */
  list(options?: { readonly skipRevoked?: boolean }): readonly UserInfo[];
  get(id: UserId): UserInfo | undefined;
  devicesOf(id: UserId): readonly DeviceInfo[];
  device(id: DeviceId): DeviceInfo | undefined;
  revoke(id: UserId, options?: OperationOptions): Promise<void>;
  updateProfile(id: UserId, profile: UserProfile, options?: OperationOptions): Promise<void>;
}
