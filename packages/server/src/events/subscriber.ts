import type { DeviceId, OrganizationId, UserId, UserProfile, VlobId } from "@parsec/types";
import type { ClientEvent, ServerEvent } from "./event.ts";

/** Who listens, as known when the stream was opened (spec 08a §6.2). */
export interface Listener {
  readonly organizationId: OrganizationId;
  readonly deviceId: DeviceId;
  readonly userId: UserId;
  readonly profile: UserProfile;
}

/** Decides which events concern one listener, following the realms that it enters and leaves. */
export class Subscriber {
  readonly listener: Listener;
  readonly #realms: Set<VlobId>;

  constructor(listener: Listener, realms: Iterable<VlobId>) {
    this.listener = listener;
    this.#realms = new Set(realms);
  }

  /** True when the event ends the stream: the client must reconnect, and gets the proper HTTP error then. */
  isEndedBy(event: ServerEvent): boolean {
    if (event.organizationId !== this.listener.organizationId) return false;
    switch (event.type) {
      case "ORGANIZATION_EXPIRED":
      case "ORGANIZATION_TOS_UPDATED":
      case "ORGANIZATION_REMOVED":
        return true;
      case "USER_REVOKED_OR_FROZEN":
        return event.userId === this.listener.userId;
      default:
        return false;
    }
  }

  /** True when the listener is told of the event, judged by its realms of now (spec 08a §6.1). */
  concerns(event: ClientEvent): boolean {
    const { organizationId, deviceId, userId, profile } = this.listener;
    if (event.organizationId !== organizationId) return false;
    switch (event.type) {
      case "PINGED":
      case "COMMON_CERTIFICATE":
      case "SEQUESTER_CERTIFICATE":
        return true;
      case "INVITATION":
        return event.greeters.includes(userId);
      case "GREETING_ATTEMPT_READY":
      case "GREETING_ATTEMPT_JOINED":
      case "GREETING_ATTEMPT_CANCELLED":
        return event.greeter === userId;
      case "REALM_CERTIFICATE":
        return this.#realms.has(event.realmId) || event.userId === userId;
      case "VLOB":
        return this.#realms.has(event.realmId) && event.author !== deviceId;
      case "ASYNC_ENROLLMENT":
        return profile === "ADMIN";
    }
  }

  /** Takes note of a realm entered or left. To be called after {@link concerns}. */
  follow(event: ServerEvent): void {
    if (event.type !== "REALM_CERTIFICATE" || event.organizationId !== this.listener.organizationId) return;
    if (event.userId !== this.listener.userId) return;
    if (event.roleRemoved) this.#realms.delete(event.realmId);
    else this.#realms.add(event.realmId);
  }
}
