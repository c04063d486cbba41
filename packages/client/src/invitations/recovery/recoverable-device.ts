import { hasCode, requireObject, requireText } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import { newDeviceOfUser, type PreparedDevice, prepareUnprotected } from "@parsec/device";
import { inviteComplete, inviteShamirRecoveryReveal } from "@parsec/protocol";
import {
  DeviceLabel,
  type LocalDevice,
  openLocalDevice,
  type ShamirRecoverySecret,
  toServerAddress,
} from "@parsec/types";
import { requireOptions } from "../../arguments.ts";
import { connectAs } from "../../devices/connect-as.ts";
import { registerPrepared } from "../../devices/new-device.ts";
import { UnsavedDevice } from "../../devices/unsaved-device.ts";
import { UnexpectedReplyError } from "../../errors.ts";
import { InvitationError } from "../errors.ts";
import type { StepOptions } from "../greeting/attempt.ts";
import type { OpenedInvitation } from "./recovery-invitation.ts";

/** A new device that waits on disk for the server to have it. */
interface Waiting {
  readonly device: LocalDevice;
  readonly prepared: PreparedDevice;
}

const completionTimeoutMs = 5_000;

/** Enough shares are there: what is left is to fetch the recovery device, and to make a new one by it (spec 09b §5.8). */
export class RecoverableDevice {
  readonly #opened: OpenedInvitation;
  readonly #secret: ShamirRecoverySecret;
  #recoveryDevice: LocalDevice | undefined;
  #waiting: Waiting | undefined;

  /** @internal */
  constructor(opened: OpenedInvitation, secret: ShamirRecoverySecret) {
    this.#opened = opened;
    this.#secret = secret;
  }

  /**
   * Makes a new device of the user. It is safe on disk, and `save` protects it. After an error of the connection the
   * same call goes on where it was.
   * @throws RecoverDeviceError
   */
  async recover(request: { readonly deviceLabel: string }, options: StepOptions = {}): Promise<UnsavedDevice> {
    requireObject("request", request);
    requireText("deviceLabel", request.deviceLabel);
    requireOptions(options);
    const deviceLabel = DeviceLabel.parse(request.deviceLabel);
    const { ports } = this.#opened;
    await ports.storage.check();
    this.#recoveryDevice ??= await this.#fetch(options);
    const author = this.#recoveryDevice;
    const { device, prepared } = await this.#prepare(author, deviceLabel, options);
    await registerPrepared(ports, author, device, prepared, options);
    return new UnsavedDevice(ports, device, prepared, (saving) => this.#complete(device, saving));
  }

  /** @throws InvitationError RECOVERY_DATA_NOT_FOUND, RECOVERY_DATA_CORRUPTED; ConnectionError, UnexpectedReplyError */
  async #fetch(options: StepOptions): Promise<LocalDevice> {
    const { revealToken, dataKey } = this.#secret;
    const reply = await this.#opened.context.connection.send(inviteShamirRecoveryReveal, { revealToken }, options);
    switch (reply.status) {
      case "ok":
        break;
      case "bad_reveal_token":
        throw new InvitationError("RECOVERY_DATA_NOT_FOUND");
      default:
        throw new UnexpectedReplyError("invite_shamir_recovery_reveal", reply.status);
    }
    const device = openRecoveryDevice(reply.cipheredData, dataKey);
    const { address } = this.#opened;
    // The server may have moved since the setup: where the invitation led to, it is. The root key tells whether the
    // organization is the same.
    return { ...device, serverUrl: toServerAddress(address), organizationId: address.organizationId };
  }

  /** The device of an earlier call, unless another label is asked for. */
  async #prepare(author: LocalDevice, deviceLabel: DeviceLabel, { signal }: StepOptions): Promise<Waiting> {
    if (this.#waiting?.device.deviceLabel === deviceLabel) return this.#waiting;
    const { deviceStore, clock } = this.#opened.ports;
    const device = newDeviceOfUser(author, deviceLabel);
    const prepared = await prepareUnprotected(deviceStore, device, { clock, signal });
    this.#waiting = { device, prepared };
    return this.#waiting;
  }

  /** Ends the invitation. That it stays open for a while longer harms nobody: a server that is gone is not waited for. */
  async #complete(device: LocalDevice, options: StepOptions): Promise<void> {
    const { ports, address } = this.#opened;
    const tell = (code: string) =>
      ports.diagnostics({ area: "client", event: "invitation_not_completed", fields: { code } });
    try {
      const connection = connectAs(ports, device, { timeoutMs: completionTimeoutMs });
      const reply = await connection.send(inviteComplete, { token: address.token }, options);
      if (reply.status !== "ok") tell(reply.status);
    } catch (error) {
      tell(hasCode(error, "OFFLINE") ? "OFFLINE" : "FAILED");
    }
  }
}

function openRecoveryDevice(ciphered: Uint8Array, dataKey: SecretKey): LocalDevice {
  try {
    return openLocalDevice(ciphered, dataKey);
  } catch (cause) {
    if (!hasCode(cause, "DECRYPTION", "NONCE", "BAD_SERIALIZATION", "DATA_INTEGRITY")) throw cause;
    throw new InvitationError("RECOVERY_DATA_CORRUPTED", { cause });
  }
}
