import { ready, SecretKey } from "@parsec/crypto";
import {
  type CancelledGreetingAttemptReason,
  type Codec,
  type InvitePayload,
  InviteUserConfirmation,
  InviteUserData,
} from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { readPayload } from "../../src/invitations/greeting/payload.ts";
import { bytes, vectors } from "./support/greeting-vectors.ts";

beforeAll(() => ready());

const { received, shared_secret_key: key } = vectors.payload_reactions;

function read(codec: Codec<InvitePayload>, payload: string) {
  const reasons: CancelledGreetingAttemptReason[] = [];
  const cancel = async (reason: CancelledGreetingAttemptReason) => {
    reasons.push(reason);
  };
  const sharedKey = SecretKey.fromBytes(bytes(key));
  return { reasons, content: readPayload({ attempt: { cancel }, sharedKey }, codec, bytes(payload)) };
}

describe.each(received)("a payload received by the $by", ({ by, cases }) => {
  const codec: Codec<InvitePayload> = by === "greeter" ? InviteUserData : InviteUserConfirmation;
  const refused = cases.filter(({ cancel_reason: reason }) => reason !== null);
  const accepted = cases.filter(({ cancel_reason: reason }) => reason === null);

  test("comes in 22 cases", () => {
    expect([refused.length, accepted.length]).toEqual([18, 4]);
  });

  test.each(refused)("$title: cancels with $cancel_reason", async ({ payload, cancel_reason: reason }) => {
    const { reasons, content } = read(codec, payload);
    await expect(content).rejects.toMatchObject({ code: "PEER_PAYLOAD_CORRUPTED", cause: expect.any(Error) });
    expect(reasons).toEqual([reason]);
  });

  test.each(accepted)("$title: is read", async ({ payload }) => {
    const { reasons, content } = read(codec, payload);
    expect(await content).toMatchObject({ type: by === "greeter" ? "invite_user_data" : "invite_user_confirmation" });
    expect(reasons).toEqual([]);
  });
});
