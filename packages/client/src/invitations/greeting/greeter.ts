import { throwIfAborted } from "@parsec/base";
import { generateSasCodes, HashDigest } from "@parsec/crypto";
import {
  type ClaimerStep,
  type GreeterStep,
  inviteGreeterCancelGreetingAttempt,
  inviteGreeterStartGreetingAttempt,
  inviteGreeterStep,
} from "@parsec/protocol";
import type { AccessToken, GreetingAttemptId } from "@parsec/types";
import { UnexpectedReplyError } from "../../errors.ts";
import type { SessionContext } from "../../session/context.ts";
import { GreetingCancelledError, InvitationError } from "../errors.ts";
import {
  type Attempt,
  cancelQuietly,
  exchange,
  type Met,
  restartWithPeer,
  type StepOptions,
  startedOrCancelled,
} from "./attempt.ts";
import { freshSecrets, type GreetingSecrets } from "./secrets.ts";
import { sharedSecret } from "./shared-secret.ts";
import { untilReady } from "./until-ready.ts";

export type GreeterAttempt = Attempt<GreeterStep, ClaimerStep>;

/** What a greeter works with, of a session. */
export type GreetContext = Pick<SessionContext, "device" | "connection" | "clock" | "signingClock" | "events">;

/** The same, before there is something to sign. */
type MeetContext = Pick<GreetContext, "connection" | "clock">;

/**
 * Meets the claimer: steps 0 to 3, as the greeter (spec 09b §3.4).
 * @throws MeetClaimerError
 */
export function meetClaimer(
  context: MeetContext,
  token: AccessToken,
  options: StepOptions = {},
  secrets: GreetingSecrets = freshSecrets,
): Promise<Met<GreeterAttempt>> {
  return restartWithPeer("CLAIMER", async () => {
    throwIfAborted(options.signal);
    return meetOnce(await startedOrCancelled(start(context, token), options), secrets, options);
  });
}

async function meetOnce(
  attempt: GreeterAttempt,
  secrets: GreetingSecrets,
  options: StepOptions,
): Promise<Met<GreeterAttempt>> {
  const privateKey = secrets.privateKey();
  const { publicKey } = privateKey;
  const hello = await exchange(attempt, { step: "NUMBER_0_WAIT_PEER", publicKey }, "NUMBER_0_WAIT_PEER", options);
  const sharedKey = sharedSecret(privateKey, hello.publicKey, "CLAIMER");
  const { hashedNonce } = await exchange(
    attempt,
    { step: "NUMBER_1_GET_HASHED_NONCE" },
    "NUMBER_1_SEND_HASHED_NONCE",
    options,
  );
  const greeterNonce = secrets.nonce();
  await exchange(attempt, { step: "NUMBER_2_SEND_NONCE", greeterNonce }, "NUMBER_2_GET_NONCE", options);
  const { claimerNonce } = await exchange(attempt, { step: "NUMBER_3_GET_NONCE" }, "NUMBER_3_SEND_NONCE", options);
  if (HashDigest.of(claimerNonce).hex !== hashedNonce.hex) {
    cancelQuietly(attempt, "INVALID_NONCE_HASH");
    throw new InvitationError("NONCE_MISMATCH");
  }
  return { attempt, sharedKey, codes: generateSasCodes(claimerNonce, greeterNonce, sharedKey) };
}

async function start(context: MeetContext, token: AccessToken): Promise<GreeterAttempt> {
  const reply = await context.connection.send(inviteGreeterStartGreetingAttempt, { token });
  switch (reply.status) {
    case "ok":
      return greeterAttempt(context, reply.greetingAttempt);
    case "invitation_not_found":
      throw new InvitationError("INVITATION_NOT_FOUND");
    default:
      throw greeterRefusal("invite_greeter_start_greeting_attempt", reply.status);
  }
}

function greeterAttempt({ connection, clock }: MeetContext, greetingAttempt: GreetingAttemptId): GreeterAttempt {
  return {
    async step(greeterStep, options) {
      const send = () => connection.send(inviteGreeterStep, { greetingAttempt, greeterStep }, options);
      const reply = await untilReady(clock, send, options);
      if (reply.status === "ok") return reply.claimerStep;
      if (reply.status === "greeting_attempt_cancelled") throw new GreetingCancelledError(reply);
      throw greeterRefusal("invite_greeter_step", reply.status);
    },
    async cancel(reason, options) {
      const reply = await connection.send(inviteGreeterCancelGreetingAttempt, { greetingAttempt, reason }, options);
      if (reply.status === "ok") return;
      if (reply.status === "greeting_attempt_already_cancelled") throw new GreetingCancelledError(reply);
      throw greeterRefusal("invite_greeter_cancel_greeting_attempt", reply.status);
    },
  };
}

/** The error of a status that ends the greeting for the greeter (spec 09b §3.3). */
function greeterRefusal(command: string, status: string): InvitationError | UnexpectedReplyError {
  switch (status) {
    case "invitation_completed":
      return new InvitationError("INVITATION_COMPLETED");
    case "invitation_cancelled":
      return new InvitationError("INVITATION_CANCELLED");
    case "author_not_allowed":
      return new InvitationError("GREETER_NOT_ALLOWED");
    default:
      return new UnexpectedReplyError(command, status);
  }
}
