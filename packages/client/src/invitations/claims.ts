import { requireObject, requireText } from "@parsec/base";
import type { SaveStrategy } from "@parsec/device";
import { DeviceLabel, HumanHandle, type InvitationAddress, type LocalDevice } from "@parsec/types";
import { requireHuman, requireProtection } from "../arguments.ts";
import { withKeyInAdvance } from "../devices/key-in-advance.ts";
import { UnsavedDevice } from "../devices/unsaved-device.ts";
import type { ParsecPorts } from "../ports.ts";
import { claimDevice, claimUser } from "./claimed-device.ts";
import { cancelledOnAbort, type Met, type StepOptions } from "./greeting/attempt.ts";
import type { ClaimerAttempt } from "./greeting/claimer.ts";
import { GreetingStage } from "./greeting/stage.ts";
import { keepClaimedDevice } from "./save-claimed-device.ts";

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
    requireObject("request", request);
    const claim = this.#claimOf(request);
    return claimAndSave(this.#claiming, request.protection, claim, options);
  }

  /**
   * The same, for those who choose the protection afterwards: the device is safe on disk when this resolves, and the
   * greeter is done.
   * @throws ClaimError
   */
  async receive(request: Omit<UserClaimRequest, "protection">, options: StepOptions = {}): Promise<UnsavedDevice> {
    requireObject("request", request);
    return claimUnsaved(this.#claiming, this.#claimOf(request), options);
  }

  /** @throws InvalidArgumentError, HumanHandleError, DeviceLabelError */
  #claimOf(request: Omit<UserClaimRequest, "protection">): Claim {
    const { address, met } = this.#claiming;
    requireHuman(request.human);
    requireText("deviceLabel", request.deviceLabel);
    const humanHandle = HumanHandle.parse(request.human.email, request.human.label);
    const deviceLabel = DeviceLabel.parse(request.deviceLabel);
    return {
      isFirstDevice: true,
      ask: (options) => claimUser(address, met, { humanHandle, deviceLabel }, options),
    };
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
    requireObject("request", request);
    const claim = this.#claimOf(request);
    return claimAndSave(this.#claiming, request.protection, claim, options);
  }

  /**
   * The same, for those who choose the protection afterwards: the device is safe on disk when this resolves, and the
   * greeter is done.
   * @throws ClaimError
   */
  async receive(request: Omit<DeviceClaimRequest, "protection">, options: StepOptions = {}): Promise<UnsavedDevice> {
    requireObject("request", request);
    return claimUnsaved(this.#claiming, this.#claimOf(request), options);
  }

  /** @throws InvalidArgumentError, DeviceLabelError */
  #claimOf(request: Omit<DeviceClaimRequest, "protection">): Claim {
    const { address, met } = this.#claiming;
    requireText("deviceLabel", request.deviceLabel);
    const deviceLabel = DeviceLabel.parse(request.deviceLabel);
    return { isFirstDevice: false, ask: (options) => claimDevice(address, met, deviceLabel, options) };
  }
}

/** A claim that was checked: what is left is to ask the greeter. */
interface Claim {
  readonly isFirstDevice: boolean;
  readonly ask: (options: StepOptions) => Promise<LocalDevice>;
}

async function claimAndSave(
  { ports, met }: Claiming,
  chosen: SaveStrategy,
  { ask, isFirstDevice }: Claim,
  options: StepOptions,
): Promise<LocalDevice> {
  requireProtection(chosen);
  const protection = await cancelledOnAbort(met.attempt, options, async () => {
    await ports.storage.check();
    return withKeyInAdvance(chosen, options);
  });
  const device = await ask(options);
  const prepared = await keepClaimedDevice(ports, met.attempt, { device, protection, isFirstDevice }, options);
  await prepared.commit();
  return device;
}

async function claimUnsaved(
  { ports, met }: Claiming,
  { ask, isFirstDevice }: Claim,
  options: StepOptions,
): Promise<UnsavedDevice> {
  await cancelledOnAbort(met.attempt, options, () => ports.storage.check());
  const device = await ask(options);
  const claimed = { device, protection: undefined, isFirstDevice };
  return new UnsavedDevice(ports, device, await keepClaimedDevice(ports, met.attempt, claimed, options));
}
