import { hasCode } from "@parsec/base";
import type { ShamirShare } from "@parsec/crypto";
import { inviteList } from "@parsec/protocol";
import {
  type AccessToken,
  type InviteShamirRecoveryConfirmation,
  InviteShamirRecoveryData,
  sealInvitePayload,
  type UserId,
} from "@parsec/types";
import { UnexpectedReplyError } from "../../errors.ts";
import type { SessionContext } from "../../session/context.ts";
import { recoveryShare } from "../../shamir-recovery/share.ts";
import { InvitationError } from "../errors.ts";
import { GreeterShowsCode } from "../greet.ts";
import { exchange, type StepOptions } from "../greeting/attempt.ts";
import { meetClaimer } from "../greeting/greeter.ts";
import { readPayload } from "../greeting/payload.ts";
import { GreetingStage } from "../greeting/stage.ts";
import type { Greeting } from "../requests.ts";

/**
 * Finds what this user holds for the claimer of a recovery invitation, and waits for them (spec 09b §5.6).
 * @throws GreetRecoveryError
 */
export async function greetRecovery(
  context: SessionContext,
  token: AccessToken,
  options: StepOptions = {},
): Promise<GreeterShowsCode<ShareRequest>> {
  const { claimerUserId, shamirRecoveryCreatedOn } = await findInvitation(context, token, options);
  const shares = await recoveryShare(context, claimerUserId, shamirRecoveryCreatedOn, options);
  const met = await meetClaimer(context, token, options);
  return new GreeterShowsCode({ context, token, met }, (greeting, payload) =>
    ShareRequest.read(greeting, payload, { claimerUserId, shares }),
  );
}

async function findInvitation({ connection }: SessionContext, token: AccessToken, options: StepOptions) {
  const reply = await connection.send(inviteList, {}, options);
  if (reply.status !== "ok") throw new UnexpectedReplyError("invite_list", reply.status);
  for (const invitation of reply.invitations) {
    if (invitation.type === "SHAMIR_RECOVERY" && invitation.token === token) return invitation;
  }
  throw new InvitationError("INVITATION_NOT_FOUND");
}

interface Held {
  readonly claimerUserId: UserId;
  readonly shares: readonly ShamirShare[];
}

/** Last stage for one who helps to recover. */
export class ShareRequest extends GreetingStage {
  /** Who recovers. */
  readonly claimerUserId: UserId;
  readonly #greeting: Greeting;
  readonly #shares: readonly ShamirShare[];

  private constructor(greeting: Greeting, { claimerUserId, shares }: Held) {
    super(greeting.met.attempt);
    this.claimerUserId = claimerUserId;
    this.#greeting = greeting;
    this.#shares = shares;
  }

  /** @internal The request has no content; that it can be read is all. */
  static async read(this: void, greeting: Greeting, payload: Uint8Array, held: Held): Promise<ShareRequest> {
    await readPayload(greeting.met, InviteShamirRecoveryData, payload);
    return new ShareRequest(greeting, held);
  }

  /** How many shares the claimer gets. */
  get weight(): number {
    return this.#shares.length;
  }

  /**
   * Gives the claimer the shares that this user holds. Resolves once they have them: also when the claimer, with enough
   * shares, has ended the invitation before this side heard of it.
   * @throws GreeterStepError
   */
  async sendShares(options: StepOptions = {}): Promise<void> {
    const { attempt, sharedKey } = this.#greeting.met;
    const weightedShare = [...this.#shares];
    const payload: InviteShamirRecoveryConfirmation = { type: "invite_shamir_recovery_confirmation", weightedShare };
    // Sealed once: the same bytes go out at each try, another nonce would be another step.
    const greeterPayload = sealInvitePayload(sharedKey, payload);
    let isDelivered = false;
    const onWaiting = () => {
      isDelivered = true;
    };
    try {
      const send = { step: "NUMBER_7_SEND_PAYLOAD", greeterPayload } as const;
      await exchange(attempt, send, "NUMBER_7_GET_PAYLOAD", { ...options, onWaiting });
      isDelivered = true;
      await exchange(attempt, { step: "NUMBER_8_WAIT_PEER_ACKNOWLEDGMENT" }, "NUMBER_8_ACKNOWLEDGE", options);
    } catch (error) {
      if (!(isDelivered && hasCode(error, "INVITATION_COMPLETED"))) throw error;
    }
  }
}
