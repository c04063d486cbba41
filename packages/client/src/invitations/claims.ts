import { orAbort, requireObject, requireText } from "@parsec/base";
import type { SaveStrategy } from "@parsec/device";
import { DeviceLabel, HumanHandle, type InvitationAddress, type LocalDevice } from "@parsec/types";
import { requireHuman, requireProtection } from "../arguments.ts";
import type { ParsecPorts } from "../ports.ts";
import { claimDevice, claimUser } from "./claimed-device.ts";
import { cancelledOnAbort, type Met, type StepOptions } from "./greeting/attempt.ts";
import type { ClaimerAttempt } from "./greeting/claimer.ts";
import { GreetingStage } from "./greeting/stage.ts";
import { saveClaimedDevice } from "./save-claimed-device.ts";

// The last stage of a claimer: says who they are, and gets the device, saved under its protection.

export interface DeviceClaimRequest {
  readonly deviceLabel: string;
  /** How the new device is protected here. */
  readonly protection: SaveStrategy;
}

export interface UserClaimRequest extends DeviceClaimRequest {
  readonly human: { readonly email: string; readonly label: string };
}

/** What a claim works with. */
export interface Claiming {
  readonly ports: ParsecPorts;
  readonly address: InvitationAddress;
  readonly met: Met<ClaimerAttempt>;
}

/** Last stage for a user. */
export class UserClaim extends GreetingStage {
  readonly #claiming: Claiming;

  /** @internal */
  constructor(claiming: Claiming) {
    super(claiming.met.attempt);
    this.#claiming = claiming;
  }

  /**
   * Waits for the greeter's decision, and saves the device. Its handle and label are the greeter's. After an error of
   * the request or of its protection nothing was sent, and it can be called again.
   * @throws ClaimError
   */
  async claim(request: UserClaimRequest, options: StepOptions = {}): Promise<LocalDevice> {
    const { ports, address, met } = this.#claiming;
    requireRequest(request);
    requireHuman(request.human);
    const { human } = request;
    const humanHandle = HumanHandle.parse(human.email, human.label);
    const deviceLabel = DeviceLabel.parse(request.deviceLabel);
    const protection = await cancelledOnAbort(met.attempt, options, async () => {
      await ports.storage.check();
      return protectionWithKey(request.protection, options);
    });
    const device = await claimUser(address, met, { humanHandle, deviceLabel }, options);
    await saveClaimedDevice(ports, met.attempt, { device, protection, isFirstDevice: true }, options);
    return device;
  }
}

/** Last stage for a device. */
export class DeviceClaim extends GreetingStage {
  readonly #claiming: Claiming;

  /** @internal */
  constructor(claiming: Claiming) {
    super(claiming.met.attempt);
    this.#claiming = claiming;
  }

  /**
   * Waits for the greeter's decision, and saves the device. Its label is the greeter's. After an error of the request
   * or of its protection nothing was sent, and it can be called again.
   * @throws ClaimError
   */
  async claim(request: DeviceClaimRequest, options: StepOptions = {}): Promise<LocalDevice> {
    const { ports, address, met } = this.#claiming;
    requireRequest(request);
    const deviceLabel = DeviceLabel.parse(request.deviceLabel);
    const protection = await cancelledOnAbort(met.attempt, options, async () => {
      await ports.storage.check();
      return protectionWithKey(request.protection, options);
    });
    const device = await claimDevice(address, met, deviceLabel, options);
    await saveClaimedDevice(ports, met.attempt, { device, protection, isFirstDevice: false }, options);
    return device;
  }
}

function requireRequest(request: DeviceClaimRequest): void {
  requireObject("request", request);
  requireText("deviceLabel", request.deviceLabel);
  requireProtection(request.protection);
}

/**
 * The slow part of saving, which may fail for many reasons, done before the greeter makes the device: from then on only
 * the disk can fail.
 */
async function protectionWithKey(protection: SaveStrategy, options: StepOptions): Promise<SaveStrategy> {
  const { type, offlineLogin, totp } = protection;
  const key = await orAbort(protection.createKey(options), options.signal);
  return {
    ...{ type, offlineLogin, totp },
    createKey: () => Promise.resolve(key),
    openKey: (file, openOptions) => protection.openKey(file, openOptions),
  };
}
