import type { Clock, RandomSource } from "@parsec/base";
import type { InvitedConnection } from "@parsec/connection";
import { generateSasCodes, HashDigest, PrivateKey } from "@parsec/crypto";
import {
  type ClaimerStep,
  type GreeterStep,
  inviteClaimerCancelGreetingAttempt,
  inviteClaimerStartGreetingAttempt,
  inviteClaimerStep,
} from "@parsec/protocol";
import type { CancelledGreetingAttemptReason, GreetingAttemptId, UserId } from "@parsec/types";
import { UnexpectedReplyError } from "../../errors.ts";
import { GreetingCancelledError, InvitationError } from "../errors.ts";
import { type Attempt, exchange, restartWithPeer, type StepOptions } from "./attempt.ts";
import type { Met } from "./greeter.ts";
import { nonceSize, sharedSecret } from "./shared-secret.ts";
import { untilReady } from "./until-ready.ts";

export type ClaimerAttempt = Attempt<ClaimerStep, GreeterStep>;

/** What a claimer greets with, before there is a device. */
export interface ClaimContext {
  readonly connection: InvitedConnection;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/**
 * Meets one greeter: steps 0 to 3, as the claimer (spec 09b §3.4).
 * @throws InvitationError, GreetingCancelledError, ConnectionError
 */
export function meetGreeter(
  context: ClaimContext,
  greeter: UserId,
  options: StepOptions = {},
): Promise<Met<ClaimerAttempt>> {
  return restartWithPeer("GREETER", async () => meetOnce(context, await start(context, greeter, options), options));
}

async function meetOnce(
  { random }: ClaimContext,
  attempt: ClaimerAttempt,
  options: StepOptions,
): Promise<Met<ClaimerAttempt>> {
  const privateKey = PrivateKey.generate();
  const { publicKey } = privateKey;
  const hello = await exchange(attempt, { step: "NUMBER_0_WAIT_PEER", publicKey }, "NUMBER_0_WAIT_PEER", options);
  const sharedKey = sharedSecret(privateKey, hello.publicKey, "GREETER");
  const claimerNonce = random.bytes(nonceSize);
  const hashedNonce = HashDigest.of(claimerNonce);
  await exchange(attempt, { step: "NUMBER_1_SEND_HASHED_NONCE", hashedNonce }, "NUMBER_1_GET_HASHED_NONCE", options);
  const { greeterNonce } = await exchange(attempt, { step: "NUMBER_2_GET_NONCE" }, "NUMBER_2_SEND_NONCE", options);
  const codes = generateSasCodes(claimerNonce, greeterNonce, sharedKey);
  await exchange(attempt, { step: "NUMBER_3_SEND_NONCE", claimerNonce }, "NUMBER_3_GET_NONCE", options);
  return { attempt, sharedKey, codes };
}

async function start(context: ClaimContext, greeter: UserId, options: StepOptions): Promise<ClaimerAttempt> {
  const reply = await context.connection.send(inviteClaimerStartGreetingAttempt, { greeter }, options);
  switch (reply.status) {
    case "ok":
      return claimerAttempt(context, reply.greetingAttempt);
    case "greeter_not_found":
      throw new InvitationError("GREETER_NOT_ALLOWED");
    default:
      throw claimerRefusal("invite_claimer_start_greeting_attempt", reply.status);
  }
}

function claimerAttempt({ connection, clock }: ClaimContext, greetingAttempt: GreetingAttemptId): ClaimerAttempt {
  return {
    async step(claimerStep: ClaimerStep, options: StepOptions): Promise<GreeterStep> {
      const send = () => connection.send(inviteClaimerStep, { greetingAttempt, claimerStep }, options);
      // The last step is sent once: the greeter may not look at it any more (spec 09b §4.3).
      const isLast = claimerStep.step === "NUMBER_8_ACKNOWLEDGE";
      const reply = isLast ? await send() : await untilReady(clock, send, options);
      if (reply.status === "ok") return reply.greeterStep;
      if (reply.status === "not_ready") return { step: "NUMBER_8_WAIT_PEER_ACKNOWLEDGMENT" };
      if (reply.status === "greeting_attempt_cancelled") throw new GreetingCancelledError(reply);
      throw claimerRefusal("invite_claimer_step", reply.status);
    },
    async cancel(reason: CancelledGreetingAttemptReason): Promise<void> {
      const reply = await connection.send(inviteClaimerCancelGreetingAttempt, { greetingAttempt, reason });
      if (reply.status === "ok") return;
      if (reply.status === "greeting_attempt_already_cancelled") throw new GreetingCancelledError(reply);
      throw claimerRefusal("invite_claimer_cancel_greeting_attempt", reply.status);
    },
  };
}

/** The error of a status that ends the greeting for the claimer (spec 09b §3.2). */
function claimerRefusal(command: string, status: string): InvitationError | UnexpectedReplyError {
  return status === "greeter_not_allowed" || status === "greeter_revoked"
    ? new InvitationError("GREETER_NOT_ALLOWED")
    : new UnexpectedReplyError(command, status);
}
