import { PublicKey, ready } from "@parsec/crypto";
import {
  type ClaimerStep,
  type GreeterStep,
  inviteClaimerStep,
  inviteGreeterCancelGreetingAttempt,
  inviteGreeterStep,
} from "@parsec/protocol";
import {
  AccessToken,
  type CancelledGreetingAttemptReason,
  DateTime,
  decode,
  encode,
  type GreeterOrClaimer,
  LocalDevice,
  parseAddress,
} from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { meetGreeter } from "../../src/invitations/greeting/claimer.ts";
import { meetClaimer } from "../../src/invitations/greeting/greeter.ts";
import { bytes, vectors } from "./support/greeting-vectors.ts";
import { claimerContext, EagerClock, greeterContext, Replay, type Scene } from "./support/replay.ts";

// A peer, or a server, that does what no honest one does. The other replies are those of a recorded greeting.

beforeAll(() => ready());

const [recorded] = vectors.greetings;
if (recorded === undefined) throw new Error("no greeting");

const startOf = (side: "greeter" | "claimer"): Scene => {
  const name = `invite_${side}_start_greeting_attempt`;
  return { name, replies: [bytes(recorded.other_messages[name]?.reply ?? "")] };
};

/** What the claimer says to our greeter. */
const claimerSays = (claimerStep: ClaimerStep): Scene => ({
  name: `step of the greeter ${claimerStep.step}`,
  replies: [encode(inviteGreeterStep.reply, { status: "ok", claimerStep })],
});
/** What the greeter says to our claimer. */
const greeterSays = (greeterStep: GreeterStep): Scene => ({
  name: `step of the claimer ${greeterStep.step}`,
  replies: [encode(inviteClaimerStep.reply, { status: "ok", greeterStep })],
});

function greet(scenes: readonly Scene[]) {
  const replay = new Replay([startOf("greeter"), ...scenes]);
  const context = greeterContext(
    decode(LocalDevice, bytes(recorded?.greeter_device.msgpack ?? "")),
    replay,
    new EagerClock(),
  );
  const token = AccessToken.fromBytes(bytes(recorded?.invitation_token ?? ""));
  if (token === undefined) throw new Error("no token");
  return { replay, met: meetClaimer(context, token) };
}

function claim(scenes: readonly Scene[]) {
  const replay = new Replay([startOf("claimer"), ...scenes]);
  const address = parseAddress("invitation", recorded?.invitation_address ?? "");
  const { userId } = decode(LocalDevice, bytes(recorded?.greeter_device.msgpack ?? ""));
  return { replay, met: meetGreeter(claimerContext(address, replay, new EagerClock()), userId) };
}

const smallOrder = () => PublicKey.fromBytes(new Uint8Array(32));
const honest = () => PublicKey.fromBytes(bytes(recorded.claimer_public_key));

describe("a public key of small order", () => {
  test("is refused by the greeter", async () => {
    const { met, replay } = greet([claimerSays({ step: "NUMBER_0_WAIT_PEER", publicKey: smallOrder() })]);
    await expect(met).rejects.toMatchObject({ code: "SHARED_SECRET_CORRUPTED" });
    expect(replay.next).toBeUndefined();
  });

  test("is refused by the claimer", async () => {
    const { met, replay } = claim([greeterSays({ step: "NUMBER_0_WAIT_PEER", publicKey: smallOrder() })]);
    await expect(met).rejects.toMatchObject({ code: "SHARED_SECRET_CORRUPTED" });
    expect(replay.next).toBeUndefined();
  });
});

describe("nonces", () => {
  const firstSteps = () => {
    const step = recorded.steps[1]?.greeter.reply ?? "";
    return [
      claimerSays({ step: "NUMBER_0_WAIT_PEER", publicKey: honest() }),
      { name: "step 1", replies: [bytes(step)] },
      claimerSays({ step: "NUMBER_2_GET_NONCE" }),
    ];
  };

  test("another one than the claimer had committed to ends the greeting, once", async () => {
    const ok = encode(inviteGreeterCancelGreetingAttempt.reply, { status: "ok" });
    const { met, replay } = greet([
      ...firstSteps(),
      claimerSays({ step: "NUMBER_3_SEND_NONCE", claimerNonce: new Uint8Array(64) }),
      { name: "cancel", replies: [ok] },
    ]);
    await expect(met).rejects.toMatchObject({ code: "NONCE_MISMATCH" });
    const cancel = decode(inviteGreeterCancelGreetingAttempt.request, replay.sent.get("cancel") ?? new Uint8Array());
    expect(cancel.reason).toBe("INVALID_NONCE_HASH");
    expect(replay.next).toBeUndefined();
  });

  test("of any length are taken from the greeter", async () => {
    const { met } = claim([
      greeterSays({ step: "NUMBER_0_WAIT_PEER", publicKey: honest() }),
      greeterSays({ step: "NUMBER_1_GET_HASHED_NONCE" }),
      greeterSays({ step: "NUMBER_2_SEND_NONCE", greeterNonce: new Uint8Array([1, 2, 3]) }),
      greeterSays({ step: "NUMBER_3_GET_NONCE" }),
    ]);
    expect(await met).toHaveProperty("codes");
  });
});

test("a step of another number is no step", async () => {
  const { met } = greet([claimerSays({ step: "NUMBER_2_GET_NONCE" })]);
  await expect(met).rejects.toMatchObject({ code: "UNEXPECTED_REPLY" });
});

describe("an attempt that was cancelled", () => {
  const cancelled = (origin: GreeterOrClaimer, reason: CancelledGreetingAttemptReason): Uint8Array =>
    encode(inviteGreeterStep.reply, {
      status: "greeting_attempt_cancelled",
      ...{ origin, reason, timestamp: DateTime.fromMicros(1_700_000_000_000_000) },
    });
  const attempt = (reply: Uint8Array): Scene[] => [startOf("greeter"), { name: "step 0", replies: [reply] }];

  test("by the new start of the peer is begun again, at most 8 times", async () => {
    const automatic = cancelled("CLAIMER", "AUTOMATICALLY_CANCELLED");
    // The first start is there already.
    const { met, replay } = greet(
      Array.from({ length: 9 }, () => attempt(automatic))
        .flat()
        .slice(1),
    );
    await expect(met).rejects.toMatchObject({ code: "GREETING_CANCELLED", reason: "AUTOMATICALLY_CANCELLED" });
    expect(replay.next).toBeUndefined();
  });

  test.each([
    ["GREETER", "AUTOMATICALLY_CANCELLED"],
    ["CLAIMER", "MANUALLY_CANCELLED"],
  ] as const)("by %s with %s is over", async (origin, reason) => {
    const { met } = greet(attempt(cancelled(origin, reason)).slice(1));
    await expect(met).rejects.toMatchObject({
      code: "GREETING_CANCELLED",
      ...{ origin, reason, timestamp: 1_700_000_000_000_000 },
    });
  });
});
