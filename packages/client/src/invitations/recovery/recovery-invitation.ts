import { ParsecError, requireArgument } from "@parsec/base";
import type { InvitationInfo } from "@parsec/protocol";
import { combineShamirRecoverySecret, type InvitationAddress, type UserId } from "@parsec/types";
import { requireId, requireOptions } from "../../arguments.ts";
import type { ParsecPorts } from "../../ports.ts";
import { ClaimerChoosesCode } from "../claim.ts";
import { InvitationError } from "../errors.ts";
import type { StepOptions } from "../greeting/attempt.ts";
import { type ClaimContext, meetGreeter } from "../greeting/claimer.ts";
import { RecoverableDevice } from "./recoverable-device.ts";
import { RecoveryShare, ShareClaim } from "./share-claim.ts";

type Details = Extract<InvitationInfo, { readonly type: "SHAMIR_RECOVERY" }>;

/** Somebody who holds shares of the lost device. */
export type RecoveryRecipient = Details["recipients"][number];

/** What an opened invitation works with. */
export interface OpenedInvitation {
  readonly ports: ParsecPorts;
  readonly address: InvitationAddress;
  readonly context: ClaimContext;
}

/**
 * An invitation to recover a lost device with the help of those who hold its shares: they are met one after the other,
 * in any order, until they have given enough (spec 09b §5.7).
 */
export class RecoveryInvitation {
  readonly type = "SHAMIR_RECOVERY";
  readonly details: Details;
  readonly #opened: OpenedInvitation;
  readonly #shares = new Map<UserId, RecoveryShare>();

  /** @internal */
  constructor(opened: OpenedInvitation, details: Details) {
    this.#opened = opened;
    this.details = details;
  }

  /** How many shares are needed. */
  get threshold(): number {
    return this.details.threshold;
  }

  get recipients(): readonly RecoveryRecipient[] {
    return this.details.recipients;
  }

  /** Those who can still be met: neither revoked, nor have they given theirs. */
  get recipientsWithoutShare(): readonly RecoveryRecipient[] {
    return this.recipients.filter(({ userId, revokedOn }) => revokedOn === null && !this.#shares.has(userId));
  }

  /** Who has given how many shares so far. */
  get retrievedShares(): ReadonlyMap<UserId, number> {
    return new Map([...this.#shares].map(([userId, { weight }]) => [userId, weight]));
  }

  /** Whether those who are not revoked hold enough. */
  get isRecoverable(): boolean {
    const active = this.recipients.filter(({ revokedOn }) => revokedOn === null);
    return active.reduce((sum, { shares }) => sum + shares, 0) >= this.threshold;
  }

  /**
   * Waits for one of the recipients; then both compare codes.
   * @throws InvitationError RECIPIENT_NOT_FOUND, RECIPIENT_REVOKED, RECIPIENT_ALREADY_PICKED; MeetGreeterError
   */
  async meet(recipient: UserId, options: StepOptions = {}): Promise<ClaimerChoosesCode<ShareClaim>> {
    requireId("recipient", recipient);
    requireOptions(options);
    const { userId, humanHandle, revokedOn } = this.#recipient(recipient);
    if (revokedOn !== null) throw new InvitationError("RECIPIENT_REVOKED");
    if (this.#shares.has(userId)) throw new InvitationError("RECIPIENT_ALREADY_PICKED");
    const met = await meetGreeter(this.#opened.context, userId, options);
    return new ClaimerChoosesCode({ met, greeter: { userId, humanHandle }, makeClaim: () => new ShareClaim(met) });
  }

  /**
   * Takes what a recipient has given; once it is enough, gives the way to the device. May be repeated.
   * @throws InvitationError RECIPIENT_NOT_FOUND, RECOVERY_SECRET_CORRUPTED when somebody gave a wrong share
   */
  add(share: RecoveryShare): RecoverableDevice | undefined {
    requireArgument("share", share, "a share that a recipient gave", share instanceof RecoveryShare);
    this.#shares.set(this.#recipient(share.recipient).userId, share);
    const shares = [...this.#shares.values()].flatMap(RecoveryShare.sharesOf);
    if (shares.length < this.threshold) return undefined;
    try {
      return new RecoverableDevice(this.#opened, combineShamirRecoverySecret(shares, this.threshold));
    } catch (cause) {
      if (!ParsecError.is(cause)) throw cause;
      throw new InvitationError("RECOVERY_SECRET_CORRUPTED", { cause });
    }
  }

  #recipient(id: UserId): RecoveryRecipient {
    const found = this.recipients.find(({ userId }) => userId === id);
    if (found === undefined) throw new InvitationError("RECIPIENT_NOT_FOUND");
    return found;
  }
}
