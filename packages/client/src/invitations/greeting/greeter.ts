import { generateSasCodes, HashDigest, PrivateKey, type SasCodes, type SecretKey } from "@parsec/crypto";
import { equalBytes } from "@parsec/base";
import {
  type ClaimerStep,
  type GreeterStep,
  inviteGreeterCancelGreetingAttempt,
  inviteGreeterStartGreetingAttempt,
  inviteGreeterStep,
} from "@parsec/protocol";
import type { AccessToken, CancelledGreetingAttemptReason, GreetingAttemptId } from "@parsec/types";
import { UnexpectedReplyError } from "../../errors.ts";
import type { SessionContext } from "../../session/context.ts";
import { GreetingCancelledError, InvitationError } from "../errors.ts";
import { type Attempt, cancelQuietly, exchange, restartWithPeer, type StepOptions } from "./attempt.ts";
import { nonceSize, sharedSecret } from "./shared-secret.ts";
import { untilReady } from "./until-ready.ts";

export type GreeterAttempt = Attempt<GreeterStep, ClaimerStep>;

/** Both sides have met; the codes are still to be compared. */
export interface Met<A> {
  readonly attempt: A;
  readonly sharedKey: SecretKey;
  readonly codes: SasCodes;
}

/**
 * Meets the claimer: steps 0 to 3, as the greeter (spec 09b §3.4).
 * @throws InvitationError, GreetingCancelledError, ConnectionError
 */
export function meetClaimer(
  context: SessionContext,
  token: AccessToken,
  options: StepOptions = {},
): Promise<Met<GreeterAttempt>> {
  return restartWithPeer("CLAIMER", async () => meetOnce(context, await start(context, token, options), options));
}

async function meetOnce(
  { random }: SessionContext,
  attempt: GreeterAttempt,
  options: StepOptions,
): Promise<Met<GreeterAttempt>> {
  const privateKey = PrivateKey.generate();
  const { publicKey } = privateKey;
  const hello = await exchange(attempt, { step: "NUMBER_0_WAIT_PEER", publicKey }, "NUMBER_0_WAIT_PEER", options);
  const sharedKey = sharedSecret(privateKey, hello.publicKey, "CLAIMER");
  const commitment = await exchange(
    attempt,
    { step: "NUMBER_1_GET_HASHED_NONCE" },
    "NUMBER_1_SEND_HASHED_NONCE",
    options,
  );
  const greeterNonce = random.bytes(nonceSize);
  await exchange(attempt, { step: "NUMBER_2_SEND_NONCE", greeterNonce }, "NUMBER_2_GET_NONCE", options);
  const { claimerNonce } = await exchange(
    attempt,
    { step: "NUMBER_3_GET_NONCE" },
    "NUMBER_3_SEND_NONCE",
    options,
  );
  if (!equalBytes(HashDigest.of(claimerNonce).toBytes(), commitment.hashedNonce.toBytes())) {
    await cancelQuietly(attempt, "INVALID_NONCE_HASH");
    throw new InvitationError("NONCE_MISMATCH");
  }
  return { attempt, sharedKey, codes: generateSasCodes(claimerNonce, greeterNonce, sharedKey) };
}

async function start(context: SessionContext, token: AccessToken, options: StepOptions): Promise<GreeterAttempt> {
  const reply = await context.connection.send(inviteGreeterStartGreetingAttempt, { token }, options);
  switch (reply.status) {
    case "ok":
      return greeterAttempt(context, reply.greetingAttempt);
    case "invitation_not_found":
      throw new InvitationError("INVITATION_NOT_FOUND");
    default:
      throw greeterRefusal("invite_greeter_start_greeting_attempt", reply.status);
  }
}

function greeterAttempt({ connection, clock }: SessionContext, greetingAttempt: GreetingAttemptId): GreeterAttempt {
  return {
    async step(greeterStep: GreeterStep, options: StepOptions): Promise<ClaimerStep> {
      const send = () => connection.send(inviteGreeterStep, { greetingAttempt, greeterStep }, options);
      const reply = await untilReady(clock, send, options);
      if (reply.status === "ok") return reply.claimerStep;
      if (reply.status === "greeting_attempt_cancelled") throw new GreetingCancelledError(reply);
      throw greeterRefusal("invite_greeter_step", reply.status);
    },
    async cancel(reason: CancelledGreetingAttemptReason): Promise<void> {
      const reply = await connection.send(inviteGreeterCancelGreetingAttempt, { greetingAttempt, reason });
      if (reply.status === "ok") return;
      if (reply.status === "greeting_attempt_already_cancelled") throw new GreetingCancelledError(reply);
      throw greeterRefusal("invite_greeter_cancel_greeting_attempt", reply.status);
    },
  };
}

/** The error of a status that ends the greeting for the greeter (spec 09b §3.3). */
function greeterRefusal(command: string, status: string): InvitationError | UnexpectedReplyError {
  if (status === "invitation_completed" || status === "invitation_cancelled") {
    return new InvitationError("INVITATION_DELETED");
  }
  return status === "author_not_allowed"
    ? new InvitationError("GREETER_NOT_ALLOWED")
    : new UnexpectedReplyError(command, status);
}
