import { type Clock, throwIfAborted } from "@parsec/base";
import type { InvitedConnection } from "@parsec/connection";
import { generateSasCodes, HashDigest } from "@parsec/crypto";
import {
  type ClaimerStep,
  type GreeterStep,
  inviteClaimerCancelGreetingAttempt,
  inviteClaimerStartGreetingAttempt,
  inviteClaimerStep,
  type ReplyOf,
} from "@parsec/protocol";
import type { GreetingAttemptId, UserId } from "@parsec/types";
import { UnexpectedReplyError } from "../../errors.ts";
import { GreetingCancelledError, InvitationError } from "../errors.ts";
import {
  type Attempt,
  cancelledOnAbort,
  exchange,
  type Met,
  restartWithPeer,
  type StepOptions,
  startedOrCancelled,
} from "./attempt.ts";
import { freshSecrets, type GreetingSecrets } from "./secrets.ts";
import { sharedSecret } from "./shared-secret.ts";
import { untilReady } from "./until-ready.ts";

/** What a claimer greets with, before there is a device. */
export interface ClaimContext {
  readonly connection: InvitedConnection;
  readonly clock: Clock;
}

export interface ClaimerAttempt extends Attempt<ClaimerStep, GreeterStep> {
  /** Who was met. */
  readonly greeter: UserId;
  /** The last step: tells the greeter that all is well, once; whether they look is not waited for (spec 09b §4.3). */
  acknowledge(options: StepOptions): Promise<void>;
}

/**
 * Meets one greeter: steps 0 to 3, as the claimer (spec 09b §3.4).
 * @throws MeetGreeterError
 */
export function meetGreeter(
  context: ClaimContext,
  greeter: UserId,
  options: StepOptions = {},
  secrets: GreetingSecrets = freshSecrets,
): Promise<Met<ClaimerAttempt>> {
  return restartWithPeer("GREETER", async () => {
    throwIfAborted(options.signal);
    return meetOnce(await startedOrCancelled(start(context, greeter), options), secrets, options);
  });
}

async function meetOnce(
  attempt: ClaimerAttempt,
  secrets: GreetingSecrets,
  options: StepOptions,
): Promise<Met<ClaimerAttempt>> {
  const privateKey = secrets.privateKey();
  const { publicKey } = privateKey;
  const hello = await exchange(attempt, { step: "NUMBER_0_WAIT_PEER", publicKey }, "NUMBER_0_WAIT_PEER", options);
  const sharedKey = sharedSecret(privateKey, hello.publicKey, "GREETER");
  const claimerNonce = secrets.nonce();
  const hashedNonce = HashDigest.of(claimerNonce);
  await exchange(attempt, { step: "NUMBER_1_SEND_HASHED_NONCE", hashedNonce }, "NUMBER_1_GET_HASHED_NONCE", options);
  const { greeterNonce } = await exchange(attempt, { step: "NUMBER_2_GET_NONCE" }, "NUMBER_2_SEND_NONCE", options);
  const codes = generateSasCodes(claimerNonce, greeterNonce, sharedKey);
  await exchange(attempt, { step: "NUMBER_3_SEND_NONCE", claimerNonce }, "NUMBER_3_GET_NONCE", options);
  return { attempt, sharedKey, codes };
}

async function start(context: ClaimContext, greeter: UserId): Promise<ClaimerAttempt> {
  const reply = await context.connection.send(inviteClaimerStartGreetingAttempt, { greeter });
  switch (reply.status) {
    case "ok":
      return claimerAttempt(context, greeter, reply.greetingAttempt);
    case "greeter_not_found":
      throw new InvitationError("GREETER_NOT_FOUND");
    default:
      throw claimerRefusal("invite_claimer_start_greeting_attempt", reply.status);
  }
}

function claimerAttempt(
  { connection, clock }: ClaimContext,
  greeter: UserId,
  greetingAttempt: GreetingAttemptId,
): ClaimerAttempt {
  const send = (claimerStep: ClaimerStep, options: StepOptions) =>
    connection.send(inviteClaimerStep, { greetingAttempt, claimerStep }, options);
  const attempt: ClaimerAttempt = {
    greeter,
    async step(claimerStep, options) {
      const reply = await untilReady(clock, () => send(claimerStep, options), options);
      if (reply.status === "ok") return reply.greeterStep;
      throw stepRefusal(reply);
    },
    acknowledge: (options) =>
      cancelledOnAbort(attempt, options, async () => {
        const reply = await send({ step: "NUMBER_8_ACKNOWLEDGE" }, options);
        if (reply.status !== "ok" && reply.status !== "not_ready") throw stepRefusal(reply);
      }),
    async cancel(reason, options) {
      const reply = await connection.send(inviteClaimerCancelGreetingAttempt, { greetingAttempt, reason }, options);
      if (reply.status === "ok") return;
      if (reply.status === "greeting_attempt_already_cancelled") throw new GreetingCancelledError(reply);
      throw claimerRefusal("invite_claimer_cancel_greeting_attempt", reply.status);
    },
  };
  return attempt;
}

type StepRefusal = Exclude<ReplyOf<typeof inviteClaimerStep>, { readonly status: "ok" | "not_ready" }>;

function stepRefusal(reply: StepRefusal): GreetingCancelledError | InvitationError | UnexpectedReplyError {
  if (reply.status === "greeting_attempt_cancelled") return new GreetingCancelledError(reply);
  return claimerRefusal("invite_claimer_step", reply.status);
}

/** The error of a status that ends the greeting for the claimer (spec 09b §3.2). */
function claimerRefusal(command: string, status: string): InvitationError | UnexpectedReplyError {
  return status === "greeter_not_allowed" || status === "greeter_revoked"
    ? new InvitationError("GREETER_NOT_ALLOWED")
    : new UnexpectedReplyError(command, status);
}
