import { HashDigest, PrivateKey, type PublicKey, ready } from "@parsec/crypto";
import {
  type ClaimerStep,
  type GreeterStep,
  inviteClaimerStartGreetingAttempt,
  inviteClaimerStep,
  inviteGreeterStartGreetingAttempt,
  inviteGreeterStep,
  inviteInfo,
} from "@parsec/protocol";
import type { AccessToken, GreetingAttemptId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import { inviteDevice, inviteUser } from "../../conformance/scenarios/invitations.ts";
import { expectStatus, type TestOrganization } from "../../conformance/support/organization.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";
import { createStrictStore } from "../support/stores.ts";

let server: RunningServer;
let target: Target;
let org: TestOrganization;
let publicKey: PublicKey;
beforeAll(async () => {
  await ready();
  publicKey = PrivateKey.generate().publicKey;
  server = await startTestServer({ dev: true, store: await createStrictStore() });
  target = await Target.connect(server.url, server.administrationToken);
  org = await target.organization();
});
afterAll(() => server.close());

const bytes = new Uint8Array([1]);

/** What the greeter, and the claimer, send at each step. */
function stepsOf(): readonly (readonly [GreeterStep, ClaimerStep])[] {
  return [
    [
      { step: "NUMBER_0_WAIT_PEER", publicKey },
      { step: "NUMBER_0_WAIT_PEER", publicKey },
    ],
    [{ step: "NUMBER_1_GET_HASHED_NONCE" }, { step: "NUMBER_1_SEND_HASHED_NONCE", hashedNonce: HashDigest.of(bytes) }],
    [{ step: "NUMBER_2_SEND_NONCE", greeterNonce: bytes }, { step: "NUMBER_2_GET_NONCE" }],
    [{ step: "NUMBER_3_GET_NONCE" }, { step: "NUMBER_3_SEND_NONCE", claimerNonce: bytes }],
    [{ step: "NUMBER_4_WAIT_PEER_TRUST" }, { step: "NUMBER_4_SIGNIFY_TRUST" }],
    [{ step: "5" }, { step: "NUMBER_5_WAIT_PEER_TRUST" }],
    [{ step: "NUMBER_6_GET_PAYLOAD" }, { step: "NUMBER_6_SEND_PAYLOAD", claimerPayload: bytes }],
    [{ step: "NUMBER_7_SEND_PAYLOAD", greeterPayload: bytes }, { step: "NUMBER_7_GET_PAYLOAD" }],
    [{ step: "NUMBER_8_WAIT_PEER_ACKNOWLEDGMENT" }, { step: "NUMBER_8_ACKNOWLEDGE" }],
  ];
}

interface Greeting {
  readonly token: AccessToken;
  readonly greetingAttempt: GreetingAttemptId;
  greet(step: GreeterStep): Promise<string>;
  claim(step: ClaimerStep): Promise<string>;
}

async function begin(): Promise<Greeting> {
  const token = await inviteUser(org);
  const ours = await org.send(org.alice, inviteGreeterStartGreetingAttempt, { token });
  expectStatus(ours, "ok");
  const { greetingAttempt } = ours;
  const theirs = await org.sendInvited(token, inviteClaimerStartGreetingAttempt, { greeter: org.alice.userId });
  expect(theirs).toMatchObject({ status: "ok", greetingAttempt });
  return {
    token,
    greetingAttempt,
    greet: async (greeterStep) =>
      (await org.send(org.alice, inviteGreeterStep, { greetingAttempt, greeterStep })).status,
    claim: async (claimerStep) =>
      (await org.sendInvited(token, inviteClaimerStep, { greetingAttempt, claimerStep })).status,
  };
}

describe("a step is open once both peers have reached the one before", () => {
  test.each(["greeter", "claimer"] as const)("not when the %s alone has", async (ahead) => {
    const { greet, claim } = await begin();
    const steps = stepsOf();
    for (const [index, [greeterStep, claimerStep]] of steps.entries()) {
      const next = steps[index + 1];
      expect(await (ahead === "greeter" ? greet(greeterStep) : claim(claimerStep))).toBe("not_ready");
      if (next !== undefined) {
        expect(await greet(next[0]), `greeter, ${index}`).toBe("step_too_advanced");
        expect(await claim(next[1]), `claimer, ${index}`).toBe("step_too_advanced");
      }
      expect(await (ahead === "greeter" ? claim(claimerStep) : greet(greeterStep))).toBe("ok");
      const afterNext = steps[index + 2];
      if (afterNext !== undefined) {
        expect(await greet(afterNext[0])).toBe("step_too_advanced");
        expect(await claim(afterNext[1])).toBe("step_too_advanced");
      }
    }
    // Every step may be asked for again, with the same content.
    for (const [greeterStep, claimerStep] of steps) {
      expect([await greet(greeterStep), await claim(claimerStep)]).toEqual(["ok", "ok"]);
    }
  });
});

test("what a peer has sent stays as it is", async () => {
  const { greet, claim } = await begin();
  const { publicKey: other } = PrivateKey.generate();
  expect(await greet({ step: "NUMBER_0_WAIT_PEER", publicKey })).toBe("not_ready");
  expect(await greet({ step: "NUMBER_0_WAIT_PEER", publicKey: other })).toBe("step_mismatch");
  expect(await claim({ step: "NUMBER_0_WAIT_PEER", publicKey: other })).toBe("ok");
  expect(await claim({ step: "NUMBER_0_WAIT_PEER", publicKey })).toBe("step_mismatch");
  expect(await greet({ step: "NUMBER_0_WAIT_PEER", publicKey })).toBe("ok");
});

test("an attempt belongs to one invitation and one greeter", async () => {
  const first = await begin();
  const second = await begin();
  const bob = await org.addUser("ADMIN");
  const step = { step: "NUMBER_0_WAIT_PEER", publicKey } as const;
  const { greetingAttempt } = first;
  const notFound = { status: "greeting_attempt_not_found" };
  expect(await org.sendInvited(second.token, inviteClaimerStep, { greetingAttempt, claimerStep: step })).toEqual(
    notFound,
  );
  expect(await org.send(bob, inviteGreeterStep, { greetingAttempt, greeterStep: step })).toEqual(notFound);
  const withBob = await org.sendInvited(first.token, inviteClaimerStartGreetingAttempt, { greeter: bob.userId });
  expectStatus(withBob, "ok");
  expect(withBob.greetingAttempt).not.toBe(greetingAttempt);
  expect(await first.greet(step)).toBe("not_ready");
});

test("starting again gives up the attempt for both, and the other peer joins the new one", async () => {
  const { token, greetingAttempt, greet, claim } = await begin();
  const step = { step: "NUMBER_0_WAIT_PEER", publicKey } as const;
  const again = await org.sendInvited(token, inviteClaimerStartGreetingAttempt, { greeter: org.alice.userId });
  expectStatus(again, "ok");
  expect(again.greetingAttempt).not.toBe(greetingAttempt);
  expect([await greet(step), await claim(step)]).toEqual(Array(2).fill("greeting_attempt_cancelled"));
  const cancelled = await org.send(org.alice, inviteGreeterStep, { greetingAttempt, greeterStep: step });
  expect(cancelled).toMatchObject({ origin: "CLAIMER", reason: "AUTOMATICALLY_CANCELLED" });
  const joined = await org.send(org.alice, inviteGreeterStartGreetingAttempt, { token });
  expect(joined).toMatchObject({ status: "ok", greetingAttempt: again.greetingAttempt });
  const third = await org.send(org.alice, inviteGreeterStartGreetingAttempt, { token });
  expectStatus(third, "ok");
  expect(third.greetingAttempt).not.toBe(again.greetingAttempt);
});

test("invite_info tells when each greeter has joined last", async () => {
  const token = await inviteUser(org);
  const joinedOn = async () => {
    const info = await org.sendInvited(token, inviteInfo, {});
    if (info.status !== "ok" || info.type !== "USER") throw new Error("it is a user's invitation");
    return info.administrators.find(({ userId }) => userId === org.alice.userId)?.lastGreetingAttemptJoinedOn;
  };
  expect(await joinedOn()).toBeNull();
  await org.sendInvited(token, inviteClaimerStartGreetingAttempt, { greeter: org.alice.userId });
  expect(await joinedOn()).toBeNull();
  await org.send(org.alice, inviteGreeterStartGreetingAttempt, { token });
  const first = await joinedOn();
  expect(first).toEqual(expect.any(Number));
  await org.sendInvited(token, inviteClaimerStartGreetingAttempt, { greeter: org.alice.userId });
  expect(await joinedOn()).toBe(first);
});

test("only the user greets for a new device, and only administrators for a new user", async () => {
  const [bob, carl] = [await org.addUser(), await org.addUser("ADMIN")];
  const ofBob = await inviteDevice(org, bob);
  const start = async (token: AccessToken, greeter: typeof bob) =>
    (await org.sendInvited(token, inviteClaimerStartGreetingAttempt, { greeter: greeter.userId })).status;
  expect([await start(ofBob, bob), await start(ofBob, carl)]).toEqual(["ok", "greeter_not_allowed"]);
  const ofUser = await inviteUser(org);
  expect([await start(ofUser, carl), await start(ofUser, bob)]).toEqual(["ok", "greeter_not_allowed"]);
});
