import type { OperationOptions } from "@parsec/base";
import type { AvailableDevice, Protection, SaveStrategy } from "@parsec/device";
import type { DeviceId, LocalDevice, OrganizationBootstrapAddr } from "@parsec/types";
import type { Session } from "./session/session.ts";

/** What the first user of an organization says of themselves. */
export interface BootstrapRequest {
  readonly human: { readonly email: string; readonly label: string };
  readonly deviceLabel: string;
  readonly protection: SaveStrategy;
  /** PEM of an RSA public key: makes the organization sequestered, for ever. */
  readonly sequesterAuthorityKey?: string | undefined;
}

/** The door to the SDK: the devices of one folder, and how to get more. */
export interface Parsec {
  devices(): Promise<readonly AvailableDevice[]>;
  bootstrap(address: string | OrganizationBootstrapAddr, request: BootstrapRequest & OperationOptions): Promise<Session>;
  login(device: DeviceId | LocalDevice, protection?: Protection, options?: OperationOptions): Promise<Session>;
}
