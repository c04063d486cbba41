import assert from "node:assert/strict";
import { HashDigest, PrivateKey } from "@parsec/crypto";
import {
  type ClaimerStep,
  type GreeterStep,
  inviteCancel,
  inviteClaimerCancelGreetingAttempt,
  inviteClaimerStartGreetingAttempt,
  inviteClaimerStep,
  inviteComplete,
  invitedPing,
  inviteGreeterCancelGreetingAttempt,
  inviteGreeterStartGreetingAttempt,
  inviteGreeterStep,
  inviteInfo,
  inviteList,
  inviteNewDevice,
  inviteNewUser,
  inviteShamirRecoveryReveal,
} from "@parsec/protocol";
import { AccessToken, type EmailAddress, GreetingAttemptId, UserId } from "@parsec/types";
import { type Actor, freshActor, freshHandle } from "../support/actor.ts";
import { expectStatus, type TestOrganization } from "../support/organization.ts";
import { controlledScenario, expectHttpStatus, scenario } from "../support/scenario.ts";

const manually = "MANUALLY_CANCELLED";

export async function inviteUser(org: TestOrganization, author: Actor = org.alice): Promise<AccessToken> {
  const reply = await org.send(author, inviteNewUser, { claimerEmail: freshHandle().email, sendEmail: false });
  expectStatus(reply, "ok");
  return reply.token;
}

export async function inviteDevice(org: TestOrganization, author: Actor): Promise<AccessToken> {
  const reply = await org.send(author, inviteNewDevice, { sendEmail: false });
  expectStatus(reply, "ok");
  return reply.token;
}

async function startBoth(org: TestOrganization, token: AccessToken, greeter = org.alice): Promise<GreetingAttemptId> {
  const ours = await org.send(greeter, inviteGreeterStartGreetingAttempt, { token });
  expectStatus(ours, "ok");
  const theirs = await org.sendInvited(token, inviteClaimerStartGreetingAttempt, { greeter: greeter.userId });
  expectStatus(theirs, "ok");
  assert.equal(theirs.greetingAttempt, ours.greetingAttempt);
  return ours.greetingAttempt;
}

export const invitationScenarios = [
  controlledScenario("invite_new_user, invite_new_device, and their mails", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const bob = await org.addUser();
    const claimerEmail = freshHandle().email;
    const invite = (author: Actor, email: EmailAddress, sendEmail = false) =>
      org.send(author, inviteNewUser, { claimerEmail: email, sendEmail });
    expectStatus(await invite(bob, claimerEmail), "author_not_allowed");
    expectStatus(await invite(alice, bob.handle.email), "claimer_email_already_enrolled");
    const first = await invite(alice, claimerEmail);
    expectStatus(first, "ok");
    const second = await invite(alice, claimerEmail, true);
    expectStatus(second, "ok");
    assert.equal(second.token, first.token, "one open invitation for an e-mail");
    assert.equal((await target.controls.mails(claimerEmail)).length, 1);
    await target.controls.fail({ kind: "mail", count: 1, outcome: "RECIPIENT_REFUSED" });
    const refused = await invite(alice, claimerEmail, true);
    expectStatus(refused, "ok");
    assert.equal(refused.emailSent, "RECIPIENT_REFUSED");

    const device = await org.send(bob, inviteNewDevice, { sendEmail: true });
    expectStatus(device, "ok");
    assert.match((await target.controls.mails(bob.handle.email))[0]?.text ?? "", /a=claim_device&p=/);
    assert.equal(await inviteDevice(org, bob), device.token);
    const listed = await org.send(bob, inviteList, {});
    expectStatus(listed, "ok");
    assert.deepEqual(
      listed.invitations.map(({ type }) => type),
      ["DEVICE"],
    );
    const all = await org.send(alice, inviteList, {});
    expectStatus(all, "ok");
    assert.deepEqual(
      all.invitations.map(({ type }) => type),
      ["USER"],
    );
  }),

  scenario("invite_cancel and invite_complete", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const bob = await org.addUser();
    const unknown = AccessToken.generate();
    const [cancelled, finished] = [await inviteUser(org), await inviteUser(org)];
    expectStatus(await org.send(alice, inviteCancel, { token: unknown }), "invitation_not_found");
    expectStatus(await org.send(bob, inviteCancel, { token: cancelled }), "author_not_allowed");
    expectStatus(await org.send(alice, inviteCancel, { token: cancelled }), "ok");
    expectStatus(await org.send(alice, inviteCancel, { token: cancelled }), "invitation_already_cancelled");
    expectStatus(await org.send(alice, inviteComplete, { token: unknown }), "invitation_not_found");
    expectStatus(await org.send(bob, inviteComplete, { token: finished }), "author_not_allowed");
    expectStatus(await org.send(alice, inviteComplete, { token: cancelled }), "invitation_cancelled");
    expectStatus(await org.send(alice, inviteComplete, { token: finished }), "ok");
    expectStatus(await org.send(alice, inviteComplete, { token: finished }), "invitation_already_completed");
    expectStatus(await org.send(alice, inviteCancel, { token: finished }), "invitation_completed");
    await expectHttpStatus(org.sendInvited(finished, inviteInfo, {}), 410);
    await expectHttpStatus(org.sendInvited(unknown, inviteInfo, {}), 403);

    const actor = freshActor();
    const own = await org.send(alice, inviteNewUser, { claimerEmail: actor.handle.email, sendEmail: false });
    expectStatus(own, "ok");
    await org.addUser("STANDARD", actor);
    expectStatus(await org.send(actor, inviteComplete, { token: own.token }), "ok");
  }),

  scenario("invite_info and the invited ping", async (target) => {
    const org = await target.organization();
    const bob = await org.addUser("ADMIN");
    const token = await inviteUser(org);
    await startBoth(org, token, bob);
    const info = await org.sendInvited(token, inviteInfo, {});
    expectStatus(info, "ok");
    assert(info.type === "USER");
    assert.equal(info.administrators.length, 2);
    const joined = info.administrators.find(({ userId }) => userId === bob.userId)?.lastGreetingAttemptJoinedOn;
    assert(typeof joined === "number");
    const device = await org.sendInvited(await inviteDevice(org, bob), inviteInfo, {});
    expectStatus(device, "ok");
    assert(device.type === "DEVICE" && device.claimerUserId === bob.userId);
    expectStatus(await org.sendInvited(token, invitedPing, { ping: "x" }), "ok");
    const reveal = await org.sendInvited(token, inviteShamirRecoveryReveal, { revealToken: AccessToken.generate() });
    expectStatus(reveal, "bad_invitation_type");
  }),

  scenario("greeting attempts: start and cancel", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const [bob, eve] = [await org.addUser("ADMIN"), await org.addUser()];
    const token = await inviteUser(org);
    const start = (author: Actor, of = token) => org.send(author, inviteGreeterStartGreetingAttempt, { token: of });
    const claim = (greeter: UserId) => org.sendInvited(token, inviteClaimerStartGreetingAttempt, { greeter });
    expectStatus(await start(alice, AccessToken.generate()), "invitation_not_found");
    expectStatus(await start(eve), "author_not_allowed");
    expectStatus(await claim(UserId.generate()), "greeter_not_found");
    expectStatus(await claim(eve.userId), "greeter_not_allowed");

    const attempt = await startBoth(org, token);
    const again = await start(alice);
    expectStatus(again, "ok");
    assert.notEqual(again.greetingAttempt, attempt, "starting twice gives the attempt up");
    const cancel = (author: Actor, greetingAttempt = attempt) =>
      org.send(author, inviteGreeterCancelGreetingAttempt, { greetingAttempt, reason: manually });
    const claimerCancel = (greetingAttempt: GreetingAttemptId) =>
      org.sendInvited(token, inviteClaimerCancelGreetingAttempt, { greetingAttempt, reason: manually });
    expectStatus(await cancel(alice, GreetingAttemptId.generate()), "greeting_attempt_not_found");
    expectStatus(await cancel(bob), "greeting_attempt_not_found");
    const automatic = await cancel(alice);
    expectStatus(automatic, "greeting_attempt_already_cancelled");
    assert.deepEqual([automatic.origin, automatic.reason], ["GREETER", "AUTOMATICALLY_CANCELLED"]);
    expectStatus(await claimerCancel(GreetingAttemptId.generate()), "greeting_attempt_not_found");
    expectStatus(await claimerCancel(attempt), "greeting_attempt_already_cancelled");
    expectStatus(await claimerCancel(again.greetingAttempt), "greeting_attempt_not_joined");
    const joined = await claim(alice.userId);
    expectStatus(joined, "ok");
    expectStatus(await claimerCancel(joined.greetingAttempt), "ok");
    const alone = await claim(alice.userId);
    expectStatus(alone, "ok");
    expectStatus(await cancel(alice, alone.greetingAttempt), "greeting_attempt_not_joined");
    expectStatus(await start(alice), "ok");
    expectStatus(await cancel(alice, alone.greetingAttempt), "ok");

    const withBob = await startBoth(org, token, bob);
    await org.setProfile(bob, "STANDARD");
    expectStatus(await cancel(bob, withBob), "author_not_allowed");
    expectStatus(await claimerCancel(withBob), "greeter_not_allowed");
    await org.revoke(bob);
    expectStatus(await claimerCancel(withBob), "greeter_revoked");
    expectStatus(await claim(bob.userId), "greeter_revoked");

    const [finished, cancelled] = [await inviteUser(org), await inviteUser(org)];
    const [ofFinished, ofCancelled] = [await startBoth(org, finished), await startBoth(org, cancelled)];
    expectStatus(await org.send(alice, inviteComplete, { token: finished }), "ok");
    expectStatus(await org.send(alice, inviteCancel, { token: cancelled }), "ok");
    expectStatus(await start(alice, finished), "invitation_completed");
    expectStatus(await start(alice, cancelled), "invitation_cancelled");
    expectStatus(await cancel(alice, ofFinished), "invitation_completed");
    expectStatus(await cancel(alice, ofCancelled), "invitation_cancelled");
  }),

  scenario("greeting steps: the whole exchange", async (target) => {
    const org = await target.organization();
    const token = await inviteUser(org);
    const greetingAttempt = await startBoth(org, token);
    const publicKey = PrivateKey.generate().publicKey;
    const bytes = new Uint8Array([1]);
    const greeterSteps: readonly GreeterStep[] = [
      { step: "NUMBER_0_WAIT_PEER", publicKey },
      { step: "NUMBER_1_GET_HASHED_NONCE" },
      { step: "NUMBER_2_SEND_NONCE", greeterNonce: bytes },
      { step: "NUMBER_3_GET_NONCE" },
      { step: "NUMBER_4_WAIT_PEER_TRUST" },
      { step: "5" },
      { step: "NUMBER_6_GET_PAYLOAD" },
      { step: "NUMBER_7_SEND_PAYLOAD", greeterPayload: bytes },
      { step: "NUMBER_8_WAIT_PEER_ACKNOWLEDGMENT" },
    ];
    const claimerSteps: readonly ClaimerStep[] = [
      { step: "NUMBER_0_WAIT_PEER", publicKey },
      { step: "NUMBER_1_SEND_HASHED_NONCE", hashedNonce: HashDigest.of(bytes) },
      { step: "NUMBER_2_GET_NONCE" },
      { step: "NUMBER_3_SEND_NONCE", claimerNonce: bytes },
      { step: "NUMBER_4_SIGNIFY_TRUST" },
      { step: "NUMBER_5_WAIT_PEER_TRUST" },
      { step: "NUMBER_6_SEND_PAYLOAD", claimerPayload: bytes },
      { step: "NUMBER_7_GET_PAYLOAD" },
      { step: "NUMBER_8_ACKNOWLEDGE" },
    ];
    const greet = (greeterStep: GreeterStep) =>
      org.send(org.alice, inviteGreeterStep, { greetingAttempt, greeterStep });
    const claim = (claimerStep: ClaimerStep) =>
      org.sendInvited(token, inviteClaimerStep, { greetingAttempt, claimerStep });
    for (const [index, greeterStep] of greeterSteps.entries()) {
      const claimerStep = claimerSteps[index];
      assert(claimerStep);
      expectStatus(await claim(claimerStep), "not_ready");
      const reply = await greet(greeterStep);
      expectStatus(reply, "ok");
      assert.equal(reply.claimerStep.step, claimerStep.step);
      const polled = await claim(claimerStep);
      expectStatus(polled, "ok");
      assert.equal(polled.greeterStep.step, greeterStep.step);
    }
    expectStatus(await greet(greeterSteps[0] ?? assert.fail()), "ok");
  }),

  scenario("greeting steps: refusals", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const bob = await org.addUser("ADMIN");
    const token = await inviteUser(org);
    const key = () => PrivateKey.generate().publicKey;
    const greet = (
      greetingAttempt: GreetingAttemptId,
      author = alice,
      greeterStep: GreeterStep = { step: "NUMBER_0_WAIT_PEER", publicKey: key() },
      headers = {},
    ) => org.send(author, inviteGreeterStep, { greetingAttempt, greeterStep }, { headers });
    const claim = (
      greetingAttempt: GreetingAttemptId,
      claimerStep: ClaimerStep = { step: "NUMBER_0_WAIT_PEER", publicKey: key() },
      headers = {},
    ) => org.sendInvited(token, inviteClaimerStep, { greetingAttempt, claimerStep }, { headers });
    const attempt = await startBoth(org, token);
    await expectHttpStatus(greet(attempt, alice, undefined, { "Api-Version": "5.1" }), 422);
    await expectHttpStatus(claim(attempt, undefined, { "Api-Version": "5.1" }), 422);
    expectStatus(await greet(GreetingAttemptId.generate()), "greeting_attempt_not_found");
    expectStatus(await claim(GreetingAttemptId.generate()), "greeting_attempt_not_found");
    expectStatus(await greet(attempt, alice, { step: "NUMBER_1_GET_HASHED_NONCE" }), "step_too_advanced");
    expectStatus(await claim(attempt, { step: "NUMBER_2_GET_NONCE" }), "step_too_advanced");
    expectStatus(await greet(attempt), "not_ready");
    expectStatus(await greet(attempt), "step_mismatch");
    expectStatus(await claim(attempt), "ok");
    expectStatus(await claim(attempt), "step_mismatch");

    const cancel = { greetingAttempt: attempt, reason: manually } as const;
    expectStatus(await org.send(alice, inviteGreeterCancelGreetingAttempt, cancel), "ok");
    expectStatus(await greet(attempt), "greeting_attempt_cancelled");
    expectStatus(await claim(attempt), "greeting_attempt_cancelled");
    const greeterOnly = await org.send(alice, inviteGreeterStartGreetingAttempt, { token });
    expectStatus(greeterOnly, "ok");
    expectStatus(await claim(greeterOnly.greetingAttempt), "greeting_attempt_not_joined");
    const claimerOnly = await org.sendInvited(token, inviteClaimerStartGreetingAttempt, { greeter: bob.userId });
    expectStatus(claimerOnly, "ok");
    expectStatus(await greet(claimerOnly.greetingAttempt, bob), "greeting_attempt_not_joined");
    await org.setProfile(bob, "STANDARD");
    expectStatus(await greet(claimerOnly.greetingAttempt, bob), "author_not_allowed");
    expectStatus(await claim(claimerOnly.greetingAttempt), "greeter_not_allowed");
    await org.revoke(bob);
    expectStatus(await claim(claimerOnly.greetingAttempt), "greeter_revoked");

    const [finished, cancelled] = [await inviteUser(org), await inviteUser(org)];
    const [ofFinished, ofCancelled] = [await startBoth(org, finished), await startBoth(org, cancelled)];
    expectStatus(await org.send(alice, inviteComplete, { token: finished }), "ok");
    expectStatus(await org.send(alice, inviteCancel, { token: cancelled }), "ok");
    expectStatus(await greet(ofFinished), "invitation_completed");
    expectStatus(await greet(ofCancelled), "invitation_cancelled");
  }),
];
