import type { DateTime, DeviceId, OrganizationId, SequesterServiceId, VlobId } from "@parsec/types";

/** What a sequester service with a webhook is asked to accept (spec 08c §7). */
export type SequesterQuery = {
  readonly webhookUrl: string;
  readonly serviceId: SequesterServiceId;
  readonly organizationId: OrganizationId;
  readonly author: DeviceId;
  readonly realmId: VlobId;
  readonly timestamp: DateTime;
  readonly keyIndex: number;
} & (
  | {
      readonly type: "vlob_create_or_update";
      readonly vlobId: VlobId;
      readonly version: number;
      readonly blob: Uint8Array;
    }
  | {
      readonly type: "realm_rotate_key";
      readonly keyCanary: Uint8Array;
      readonly keysBundle: Uint8Array;
      readonly keysBundleAccess: Uint8Array;
    }
);

export type SequesterVerdict =
  | { readonly verdict: "accepted" }
  | { readonly verdict: "rejected"; readonly reason: string | null }
  | { readonly verdict: "unavailable" };

/** Who is told that an organization was bootstrapped (spec 08c §8). */
export interface BootstrapNotice {
  readonly organizationId: OrganizationId;
  readonly deviceId: DeviceId;
  readonly deviceLabel: string;
  readonly humanEmail: string;
  readonly humanLabel: string;
}

export interface Webhooks {
  askSequesterService(query: SequesterQuery): Promise<SequesterVerdict>;
  /** Never rejects: failures are only told to the diagnostics. */
  noticeBootstrap(url: string, notice: BootstrapNotice): Promise<void>;
  close(): Promise<void>;
}
