import { BugError, orAbort, requireObject } from "@parsec/base";
import {
  type DateTime,
  type DeviceCertificate,
  type DeviceId,
  type DeviceLabel,
  type DevicePurpose,
  type HumanHandle,
  shownDeviceLabel,
  shownHumanHandle,
  type UserCertificate,
  type UserId,
  type UserProfile,
} from "@parsec/types";
import { requireId, requireOptions, requireProfile } from "../arguments.ts";
import { latest, profileAt } from "../certificates/at.ts";
import { throwIfClosed } from "../session/closed.ts";
import type { SessionContext } from "../session/context.ts";

export interface UserInfo {
  readonly id: UserId;
  readonly humanHandle: HumanHandle;
  readonly profile: UserProfile;
  readonly createdOn: DateTime;
  /** `undefined`: the organization's root key, at bootstrap. */
  readonly createdBy: DeviceId | undefined;
  readonly revokedOn: DateTime | undefined;
  readonly revokedBy: DeviceId | undefined;
}

/** The own user. `createdOn` is unknown to a new device that has not fetched the certificates yet. */
export type SelfInfo = Omit<UserInfo, "createdOn"> & { readonly createdOn: DateTime | undefined };

export interface DeviceInfo {
  readonly id: DeviceId;
  readonly userId: UserId;
  readonly label: DeviceLabel;
  readonly purpose: DevicePurpose;
  readonly createdOn: DateTime;
  readonly createdBy: DeviceId | undefined;
}

export interface UsersOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The users of the organization, as this device knows them. Reading needs no network (spec 09a §7.1, §7.3). After the
 * session was closed everything throws ClientError SESSION_CLOSED.
 */
export class Users {
  readonly #context: SessionContext;

  constructor(context: SessionContext) {
    this.#context = context;
  }

  /**
   * The user of this device: what the certificates say, and before the first refresh what the device itself knows. Its
   * name is the device's: an OUTSIDER gets certificates without names.
   */
  get self(): SelfInfo {
    this.#requireOpen();
    const { device } = this.#context;
    const { userId: id, humanHandle, initialProfile: profile } = device;
    const unknown = { createdOn: undefined, createdBy: undefined, revokedOn: undefined, revokedBy: undefined };
    return { id, profile, ...unknown, ...this.get(id), humanHandle };
  }

  /** By date of creation. */
  list(options: { readonly skipRevoked?: boolean } = {}): readonly UserInfo[] {
    this.#requireOpen();
    requireObject("options", options);
    const users = this.#context.certificates.view.users().map((user) => this.#userInfo(user));
    return options.skipRevoked === true ? users.filter(({ revokedOn }) => revokedOn === undefined) : users;
  }

  get(id: UserId): UserInfo | undefined {
    this.#requireOpen();
    requireId("id", id);
    const user = this.#context.certificates.view.user(id);
    return user && this.#userInfo(user);
  }

  /** By date of creation; empty for an unknown user. */
  devicesOf(id: UserId): readonly DeviceInfo[] {
    this.#requireOpen();
    requireId("id", id);
    return this.#context.certificates.view.devicesOf(id).map(deviceInfo);
  }

  device(id: DeviceId): DeviceInfo | undefined {
    this.#requireOpen();
    requireId("id", id);
    const device = this.#context.certificates.view.device(id);
    return device && deviceInfo(device);
  }

  /**
   * Ends the membership of a user for good. Their workspaces are unshared by the owners' devices afterwards.
   * @throws AuthoringError; ClientError USER_IS_SELF, USER_NOT_FOUND, AUTHOR_NOT_ALLOWED
   */
  async revoke(id: UserId, options: UsersOptions = {}): Promise<void> {
    this.#requireOpen();
    requireId("id", id);
    requireOptions(options);
    const { revokeUser } = await orAbort(import("./revoke-user.ts"), options.signal);
    return revokeUser(this.#context, id, options);
  }

  /** @throws AuthoringError; ClientError USER_IS_SELF, USER_NOT_FOUND, USER_REVOKED, AUTHOR_NOT_ALLOWED */
  async updateProfile(id: UserId, profile: UserProfile, options: UsersOptions = {}): Promise<void> {
    this.#requireOpen();
    requireId("id", id);
    requireProfile(profile);
    requireOptions(options);
    const { updateProfile } = await orAbort(import("./update-profile.ts"), options.signal);
    return updateProfile(this.#context, id, profile, options);
  }

  #requireOpen(): void {
    throwIfClosed(this.#context);
  }

  #userInfo(user: UserCertificate): UserInfo {
    const { view } = this.#context.certificates;
    const revocation = view.revocationOf(user.userId);
    const profile = profileAt(view, user.userId, latest);
    if (profile === undefined) throw new BugError("a user certificate without a profile");
    return {
      id: user.userId,
      humanHandle: shownHumanHandle(user),
      profile,
      createdOn: user.timestamp,
      createdBy: user.author ?? undefined,
      revokedOn: revocation?.timestamp,
      revokedBy: revocation?.author,
    };
  }
}

function deviceInfo(device: DeviceCertificate): DeviceInfo {
  return {
    id: device.deviceId,
    userId: device.userId,
    label: shownDeviceLabel(device),
    purpose: device.purpose,
    createdOn: device.timestamp,
    createdBy: device.author ?? undefined,
  };
}
