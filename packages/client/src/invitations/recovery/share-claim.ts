import type { ShamirShare } from "@parsec/crypto";
import { InviteShamirRecoveryConfirmation, sealInvitePayload, type UserId } from "@parsec/types";
import { exchange, type Met, type StepOptions } from "../greeting/attempt.ts";
import type { ClaimerAttempt } from "../greeting/claimer.ts";
import { readPayload } from "../greeting/payload.ts";
import { GreetingStage } from "../greeting/stage.ts";

/** What one recipient has given back. Secret: a few of them are as good as the device. */
export class RecoveryShare {
  readonly recipient: UserId;
  readonly #shares: readonly ShamirShare[];

  /** @internal */
  constructor(recipient: UserId, shares: readonly ShamirShare[]) {
    this.recipient = recipient;
    this.#shares = shares;
  }

  /** How many shares it counts for. */
  get weight(): number {
    return this.#shares.length;
  }

  /** @internal */
  static sharesOf(this: void, share: RecoveryShare): readonly ShamirShare[] {
    return share.#shares;
  }
}

/** Last stage of one who recovers, with one recipient of their shares. */
export class ShareClaim extends GreetingStage {
  readonly #met: Met<ClaimerAttempt>;

  /** @internal */
  constructor(met: Met<ClaimerAttempt>) {
    super(met.attempt);
    this.#met = met;
  }

  /**
   * Waits for the recipient's share; `RecoveryInvitation.add` takes it (spec 09b §5.7).
   * @throws InvitationError PEER_PAYLOAD_CORRUPTED; ClaimerStepError
   */
  async getShare(options: StepOptions = {}): Promise<RecoveryShare> {
    const { attempt, sharedKey } = this.#met;
    // Sealed once: the same bytes go out at each try, another nonce would be another step.
    const claimerPayload = sealInvitePayload(sharedKey, { type: "invite_shamir_recovery_data" });
    await exchange(attempt, { step: "NUMBER_6_SEND_PAYLOAD", claimerPayload }, "NUMBER_6_GET_PAYLOAD", options);
    const peer = await exchange(attempt, { step: "NUMBER_7_GET_PAYLOAD" }, "NUMBER_7_SEND_PAYLOAD", options);
    const { weightedShare } = await readPayload(this.#met, InviteShamirRecoveryConfirmation, peer.greeterPayload);
    await attempt.acknowledge(options);
    return new RecoveryShare(attempt.greeter, weightedShare);
  }
}
