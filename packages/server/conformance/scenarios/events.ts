import assert from "node:assert/strict";
import { PrivateKey } from "@parsec/crypto";
import {
  eventsListen,
  inviteClaimerStartGreetingAttempt,
  inviteClaimerStep,
  inviteGreeterStartGreetingAttempt,
  inviteGreeterStep,
  ping,
  vlobCreate,
} from "@parsec/protocol";
import type { Actor } from "../support/actor.ts";
import { EventListener } from "../support/event-listener.ts";
import { expectStatus, type TestOrganization } from "../support/organization.ts";
import { controlledScenario, expectHttpStatus, scenario } from "../support/scenario.ts";
import { inviteUser } from "./invitations.ts";

async function listen(org: TestOrganization, actor: Actor): Promise<EventListener> {
  const listener = await EventListener.open(org, actor);
  const first = await listener.next();
  assert.equal(first.event.event, "ORGANIZATION_CONFIG");
  return listener;
}

async function expectEvents(listener: EventListener, names: readonly string[]): Promise<void> {
  const got: string[] = [];
  while (got.length < names.length) got.push((await listener.next()).event.event);
  assert.deepEqual(got, names);
}

async function sendPing(org: TestOrganization, text: string): Promise<void> {
  expectStatus(await org.send(org.alice, ping, { ping: text }), "ok");
}

export const eventScenarios = [
  scenario("events: the stream's first frames, byte for byte", async (target) => {
    const org = await target.organization({ active_users_limit: 12 });
    const listener = await EventListener.open(org, org.alice);
    const first = await listener.frame();
    assert.match(first?.text ?? "", /^data:[A-Za-z0-9+/]+=*\n\n$/);
    await sendPing(org, "hello");
    const second = await listener.frame();
    assert.match(second?.text ?? "", /^data:[A-Za-z0-9+/]+=*\nid:[0-9a-f]{32}\n\n$/);
    listener.close();
    expectStatus(await org.send(org.alice, eventsListen, {}), "not_available");
  }),

  scenario("events: who is told of what", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const bob = await org.addUser();
    const phone = await org.addDevice(alice);
    const [asAlice, asPhone, asBob] = [await listen(org, alice), await listen(org, phone), await listen(org, bob)];
    const realm = await org.createRealm(alice);
    await org.createVlob(alice, realm);
    await expectEvents(asAlice, ["REALM_CERTIFICATE", "REALM_CERTIFICATE"]);
    await expectEvents(asPhone, ["REALM_CERTIFICATE", "REALM_CERTIFICATE", "VLOB"]);
    await org.share(alice, realm, bob, "CONTRIBUTOR");
    await org.createVlob(alice, realm);
    await org.unshare(alice, realm, bob);
    await org.createVlob(alice, realm);
    await sendPing(org, "end");
    await expectEvents(asBob, ["REALM_CERTIFICATE", "VLOB", "REALM_CERTIFICATE", "PINGED"]);
    await expectEvents(asAlice, ["REALM_CERTIFICATE", "REALM_CERTIFICATE", "PINGED"]);
    await inviteUser(org);
    await expectEvents(asAlice, ["INVITATION"]);
    await org.addUser();
    await expectEvents(asAlice, ["COMMON_CERTIFICATE"]);
    await expectEvents(asBob, ["COMMON_CERTIFICATE"]);
    for (const listener of [asAlice, asPhone, asBob]) listener.close();
  }),

  scenario("events: a blob comes along unless it is large", async (target) => {
    const org = await target.organization();
    const bob = await org.addUser();
    const realm = await org.createRealm(org.alice);
    await org.share(org.alice, realm, bob, "READER");
    const listener = await listen(org, bob);
    for (const [size, isThere] of [
      [4095, true],
      [4096, false],
    ] as const) {
      expectStatus(await org.send(org.alice, vlobCreate, org.vlobFields(realm, { blob: new Uint8Array(size) })), "ok");
      const { event } = await listener.next();
      assert(event.event === "VLOB");
      assert.equal(event.blob !== null, isThere);
    }
    listener.close();
  }),

  scenario("events: a greeting", async (target) => {
    const org = await target.organization();
    const token = await inviteUser(org);
    const listener = await listen(org, org.alice);
    const claimed = await org.sendInvited(token, inviteClaimerStartGreetingAttempt, { greeter: org.alice.userId });
    expectStatus(claimed, "ok");
    const { greetingAttempt } = claimed;
    const { publicKey } = PrivateKey.generate();
    const claimerStep = { step: "NUMBER_0_WAIT_PEER", publicKey } as const;
    expectStatus(await org.sendInvited(token, inviteClaimerStep, { greetingAttempt, claimerStep }), "not_ready");
    expectStatus(await org.send(org.alice, inviteGreeterStartGreetingAttempt, { token }), "ok");
    expectStatus(await org.send(org.alice, inviteGreeterStep, { greetingAttempt, greeterStep: claimerStep }), "ok");
    await expectEvents(listener, ["GREETING_ATTEMPT_READY", "GREETING_ATTEMPT_JOINED"]);
    listener.close();
  }),

  scenario("events: reconnection with Last-Event-ID", async (target) => {
    const org = await target.organization();
    const listener = await listen(org, org.alice);
    await sendPing(org, "one");
    const { id } = await listener.next();
    assert(id);
    listener.close();
    await sendPing(org, "two");
    await sendPing(org, "three");
    const again = await EventListener.open(org, org.alice, { lastEventId: id });
    await expectEvents(again, ["ORGANIZATION_CONFIG", "PINGED", "PINGED"]);
    again.close();

    const unknown = await EventListener.open(org, org.alice, { lastEventId: "0123456789abcdef0123456789abcdef" });
    await unknown.next();
    assert.equal((await unknown.frame())?.text, "event:missed_events\ndata:\n\n");
    unknown.close();
    const malformed = await EventListener.open(org, org.alice, { lastEventId: "not-a-uuid" });
    await sendPing(org, "four");
    await expectEvents(malformed, ["ORGANIZATION_CONFIG", "PINGED"]);
    malformed.close();

    for (let missed = 0; missed < 101; missed += 1) await sendPing(org, String(missed));
    const late = await EventListener.open(org, org.alice, { lastEventId: id });
    await late.next();
    assert.equal((await late.frame())?.event, "missed_events");
    late.close();
  }),

  controlledScenario("events: keepalive", async (target) => {
    await target.controls.configure({ sse_keepalive: 1 });
    const org = await target.organization();
    const listener = await EventListener.open(org, org.alice);
    const first = await listener.next();
    assert(first.event.event === "ORGANIZATION_CONFIG");
    assert.equal(first.event.sseKeepaliveSeconds, 1);
    assert.equal((await listener.frame())?.text, "event:keepalive\ndata:\n\n");
    listener.close();
    await target.controls.configure({ sse_keepalive: 30 });
  }),

  scenario("events: the stream ends on revocation, freezing, expiration and new terms", async (target) => {
    const org = await target.organization();
    const [bob, carl] = [await org.addUser(), await org.addUser()];
    const asBob = await listen(org, bob);
    await org.revoke(bob);
    await asBob.ended();
    await expectHttpStatus(EventListener.open(org, bob), 461);

    const asCarl = await listen(org, carl);
    const freeze = (frozen: boolean) =>
      target.administrate("POST", `/organizations/${org.id}/users/freeze`, { frozen, user_id: carl.userId });
    await freeze(true);
    await asCarl.ended();
    await expectHttpStatus(EventListener.open(org, carl), 462);
    await freeze(false);

    const asAlice = await listen(org, org.alice);
    await target.updateOrganization(org, { tos: { en: "https://example.com" } });
    await asAlice.ended();
    await expectHttpStatus(EventListener.open(org, org.alice), 463);
    await target.updateOrganization(org, { tos: null });
    const last = await listen(org, carl);
    await target.updateOrganization(org, { is_expired: true });
    await last.ended();
    await expectHttpStatus(EventListener.open(org, carl), 460);
  }),

  scenario("events: HTTP refusals", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    await expectHttpStatus(EventListener.open(org, alice, { headers: { Accept: "*/*" } }), 406);
    await expectHttpStatus(EventListener.open(org, alice, { headers: { "Api-Version": "6.0" } }), 422);
    await expectHttpStatus(EventListener.open(org, alice, { headers: { Authorization: "Bearer x" } }), 401);
  }),
];
