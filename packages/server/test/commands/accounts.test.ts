import { SettableClock } from "@parsec/base";
import { ready } from "@parsec/crypto";
import {
  accountCreateProceed,
  accountCreateSendValidationEmail,
  accountDeleteProceed,
  accountDeleteSendValidationEmail,
  accountInfo,
  accountRecoverProceed,
  accountRecoverSendValidationEmail,
  authMethodPasswordGetAlgorithm,
  inviteCancel,
  inviteNewDevice,
  inviteNewShamirRecovery,
  inviteNewUser,
  inviteSelfList,
  shamirRecoveryDelete,
  shamirRecoverySetup,
} from "@parsec/protocol";
import { type AccessToken, DateTime, type EmailAddress, type OrganizationId, ValidationCode } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { holds } from "../../../../test/support/patience.ts";
import { Target } from "../../conformance/index.ts";
import { deletionFields, setupFields } from "../../conformance/scenarios/shamir.ts";
import {
  type Account,
  createAccount,
  newMethod,
  proceedWith,
  withoutRateLimit,
} from "../../conformance/support/accounts.ts";
import { type Actor, freshActor, freshHandle } from "../../conformance/support/actor.ts";
import { expectStatus, type TestOrganization } from "../../conformance/support/organization.ts";
import { type Mail, type Mailer, type MailOutcome, type RunningServer } from "../../src/index.ts";
import { StrictStore } from "../../src/store/memory/strict-store.ts";
import { startTestServer } from "../support/start.ts";
import { createStrictStore } from "../support/stores.ts";

let server: RunningServer;
let target: Target;
beforeAll(async () => {
  await ready();
  server = await startTestServer({ testbed: true, store: await createStrictStore() });
  target = await Target.connect(server.url, server.administrationToken);
  await withoutRateLimit(target);
});
afterAll(() => server.close());

async function codeOf(email: string): Promise<ValidationCode> {
  return ValidationCode.parse(await target.controls.lastCode(email));
}

function recover(email: EmailAddress, validationCode: ValidationCode, method = newMethod()) {
  return target.send(accountRecoverProceed, {
    email,
    validationCode,
    newVaultKeyAccess: new Uint8Array(),
    newAuthMethodPasswordAlgorithm: null,
    newAuthMethodMacKey: method.macKey,
    newAuthMethodId: method.authMethodId,
  });
}

async function deleteAccount(account: Account, email: string): Promise<void> {
  expectStatus(await target.send(accountDeleteSendValidationEmail, {}, account), "ok");
  expectStatus(await target.send(accountDeleteProceed, { validationCode: await codeOf(email) }, account), "ok");
}

describe("the codes of an account that was deleted", () => {
  test("open nothing: neither the deleted account, nor the one created anew under its e-mail", async () => {
    const handle = freshHandle();
    const { email } = handle;
    const first = await createAccount(target, handle);
    expectStatus(await target.send(accountRecoverSendValidationEmail, { email }), "ok");
    const recovery = await codeOf(email);
    expectStatus(await target.send(accountDeleteSendValidationEmail, {}, first), "ok");
    const deletion = await codeOf(email);
    expectStatus(await target.send(accountDeleteProceed, { validationCode: deletion }, first), "ok");
    expectStatus(await recover(email, recovery), "send_validation_email_required");

    const second = await createAccount(target, handle);
    expectStatus(await recover(email, recovery), "send_validation_email_required");
    const again = await target.send(accountDeleteProceed, { validationCode: deletion }, second);
    expectStatus(again, "send_validation_email_required");
    expectStatus(await target.send(accountInfo, {}, second), "ok");
  });

  test("die alone: those of others, and those asked for afterwards, are good", async () => {
    const [handle, other] = [freshHandle(), freshHandle()];
    const account = await createAccount(target, handle);
    await createAccount(target, other);
    expectStatus(await target.send(accountRecoverSendValidationEmail, { email: other.email }), "ok");
    const otherCode = await codeOf(other.email);
    await deleteAccount(account, handle.email);
    expectStatus(await recover(other.email, otherCode), "ok");
    expectStatus(await target.send(accountCreateSendValidationEmail, { email: handle.email }), "ok");
    expectStatus(await proceedWith(target, handle, await codeOf(handle.email)), "ok");
  });

  test("of a deleted account nothing more is mailed for its recovery", async () => {
    const handle = freshHandle();
    await deleteAccount(await createAccount(target, handle), handle.email);
    const mails = (await target.controls.mails(handle.email)).length;
    expectStatus(await target.send(accountRecoverSendValidationEmail, { email: handle.email }), "ok");
    expect(await target.controls.mails(handle.email)).toHaveLength(mails);
  });
});

test("a code is good for an hour, to the second", async () => {
  const handle = freshHandle();
  const { email } = handle;
  await target.controls.shiftClock(0);
  expectStatus(await target.send(accountCreateSendValidationEmail, { email }), "ok");
  const validationCode = await codeOf(email);
  const check = () =>
    target.send(accountCreateProceed, { accountCreateStep: { step: "NUMBER_0_CHECK_CODE", validationCode, email } });
  await target.controls.shiftClock(3590);
  expectStatus(await check(), "ok");
  await target.controls.shiftClock(3610);
  expectStatus(await check(), "send_validation_email_required");
  await target.controls.shiftClock(null);
});

test("the password parameters told are those of the current vault's active password, else the default ones", async () => {
  const handle = freshHandle();
  const account = await createAccount(target, handle);
  const parameters = async () => {
    const reply = await target.send(authMethodPasswordGetAlgorithm, { email: handle.email });
    expectStatus(reply, "ok");
    return reply.passwordAlgorithm.memlimitKb;
  };
  expect(await parameters()).toBe(262_144);
  await deleteAccount(account, handle.email);
  expect(await parameters()).toBe(131_072);
});

describe("invite_self_list", () => {
  async function listed(account: Account): Promise<readonly string[]> {
    const reply = await target.send(inviteSelfList, {}, account);
    expectStatus(reply, "ok");
    return reply.invitations.map(([id, token, type]) => `${id} ${type} ${token}`).sort();
  }

  async function inviteUser(org: TestOrganization, actor: Actor): Promise<AccessToken> {
    const fields = { claimerEmail: actor.handle.email, sendEmail: false };
    const reply = await org.send(org.alice, inviteNewUser, fields);
    expectStatus(reply, "ok");
    return reply.token;
  }

  test("gives a new user's invitations where the e-mail is nobody's, a user's own where it is somebody's", async () => {
    const actor = freshActor();
    const account = await createAccount(target, actor.handle);
    const [joined, inviting, left] = [
      await target.organization(),
      await target.organization(),
      await target.organization(),
    ];
    const [superseded, invited] = [await inviteUser(joined, actor), await inviteUser(inviting, actor)];
    await joined.addUser("STANDARD", actor);
    const device = await joined.send(actor, inviteNewDevice, { sendEmail: false });
    expectStatus(device, "ok");
    const [timestamp, recipients] = [joined.now(), [joined.alice.userId]];
    const fields = setupFields(joined, actor, recipients, { timestamp });
    expectStatus(await joined.send(actor, shamirRecoverySetup, fields), "ok");
    const invite = { claimerUserId: actor.userId, sendEmail: false };
    const shamir = await joined.send(joined.alice, inviteNewShamirRecovery, invite);
    expectStatus(shamir, "ok");
    // Somebody else's.
    const bob = await joined.addUser();
    expectStatus(await joined.send(bob, inviteNewDevice, { sendEmail: false }), "ok");
    await inviteUser(inviting, freshActor());
    const former = { ...freshActor(), handle: actor.handle };
    await left.addUser("STANDARD", former);
    expectStatus(await left.send(former, inviteNewDevice, { sendEmail: false }), "ok");
    await left.revoke(former);
    const again = await inviteUser(left, actor);

    const id = (org: TestOrganization) => org.id as OrganizationId;
    const expected = [
      `${id(joined)} DEVICE ${device.token}`,
      `${id(joined)} SHAMIR_RECOVERY ${shamir.token}`,
      `${id(inviting)} USER ${invited}`,
      `${id(left)} USER ${again}`,
    ].sort();
    expect(await listed(account)).toEqual(expected);
    expect(expected.join()).not.toContain(superseded);

    expectStatus(await inviting.send(inviting.alice, inviteCancel, { token: invited }), "ok");
    const deletion = deletionFields(joined, actor, timestamp, recipients);
    expectStatus(await joined.send(actor, shamirRecoveryDelete, deletion), "ok");
    const rest = expected.filter((each) => !each.includes(invited) && !each.includes("SHAMIR"));
    expect(await listed(account)).toEqual(rest);
  });
});

describe("whether an address is known", () => {
  /** A mail server that answers when the test says so. */
  class HeldMailer implements Mailer {
    readonly mails: Mail[] = [];
    answer: () => Promise<MailOutcome> = async () => "SENT";

    async send(mail: Mail): Promise<MailOutcome> {
      this.mails.push(mail);
      return await this.answer();
    }

    async close(): Promise<void> {}
  }

  async function start() {
    const mailer = new HeldMailer();
    const clock = new SettableClock(Date.now() * 1000);
    const emailRateLimit = { cooldown: 0, maxPerHour: 0 };
    const failures: unknown[] = [];
    // In memory: what the turns of a frozen clock can wait for.
    const running = await startTestServer({
      dev: true,
      store: new StrictStore(),
      mailer,
      clock,
      config: { emailRateLimit },
      diagnostics: ({ event, fields }) => failures.push([event, fields?.["status"]]),
    });
    const there = await Target.connect(running.url, running.administrationToken);
    const now = () => DateTime.fromMicros(clock.now());
    /** The status, once it has come, with the milliseconds that passed on the clock until then. */
    const timed = async (send: () => Promise<{ readonly status: string }>) => {
      const began = clock.now();
      let status: string | undefined;
      const reply = send().then((given) => {
        status = given.status;
      });
      await holds("the reply to wait for the clock", () => clock.pendingTimers > 0);
      // All that does not wait for the clock has its chance to go on.
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const early = status;
      clock.advance(999);
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      expect([early, status]).toEqual([undefined, undefined]);
      clock.advance(1);
      await reply;
      return { status, ms: (clock.now() - began) / 1000 };
    };
    const handle = freshHandle();
    const { email } = handle;
    await timed(() => there.send(accountCreateSendValidationEmail, { email }));
    const code = /^([A-Z2-9]{6})$/m.exec(mailer.mails[0]?.text ?? "")?.[1] ?? "";
    expectStatus(await proceedWith(there, handle, ValidationCode.parse(code)), "ok");
    mailer.mails.length = 0;
    const ask = {
      creation: (to: EmailAddress) =>
        timed(() => there.send(accountCreateSendValidationEmail, { email: to }, { kind: "nobody" }, now())),
      recovery: (to: EmailAddress) =>
        timed(() => there.send(accountRecoverSendValidationEmail, { email: to }, { kind: "nobody" }, now())),
    };
    return { running, mailer, ask, known: email, failures };
  }

  test.each(["creation", "recovery"] as const)("the time of a reply does not tell it: %s", async (what) => {
    const { running, mailer, ask, known, failures } = await start();
    await using _server = running;
    const unknown = freshHandle().email;
    const mailed = what === "recovery" ? known : unknown;
    const silent = what === "recovery" ? unknown : known;
    const expected = { status: "ok", ms: 1000 };
    expect(await ask[what](silent)).toEqual(expected);
    expect(mailer.mails).toHaveLength(0);
    expect(await ask[what](mailed)).toEqual(expected);
    expect(mailer.mails).toHaveLength(1);

    // A mail server that never answers.
    let answer: (outcome: MailOutcome) => void = () => undefined;
    const held = new Promise<MailOutcome>((resolve) => {
      answer = resolve;
    });
    mailer.answer = () => held;
    expect(await ask[what](silent)).toEqual(expected);
    expect(await ask[what](mailed)).toEqual(expected);
    expect(failures).toEqual([]);
    answer("SERVER_UNAVAILABLE");
    await held;
    await new Promise((resolve) => setImmediate(resolve));
    expect(failures).toEqual([["mail_failed_after_reply", "email_server_unavailable"]]);

    // One that refuses in time: the statuses stay.
    mailer.answer = async () => "RECIPIENT_REFUSED";
    expect(await ask[what](silent)).toEqual(expected);
    expect(await ask[what](mailed)).toEqual({ status: "email_recipient_refused", ms: 1000 });
    mailer.answer = () => Promise.reject(new Error("a mailer that breaks its promise"));
    expect(await ask[what](mailed)).toEqual({ status: "email_server_unavailable", ms: 1000 });
  });

  test("unknown e-mails take the same queries", async () => {
    const queries: string[] = [];
    class CountingStore extends StrictStore {
      override transaction: StrictStore["transaction"] = (run) =>
        super.transaction((tx) =>
          run({
            ...tx,
            accounts: new Proxy(tx.accounts, {
              get(accounts, name, receiver) {
                queries.push(String(name));
                return Reflect.get(accounts, name, receiver);
              },
            }),
          }),
        );
    }
    await using running = await startTestServer({ testbed: true, store: new CountingStore() });
    const there = await Target.connect(running.url, running.administrationToken);
    await withoutRateLimit(there);
    const handle = freshHandle();
    await createAccount(there, handle);
    const during = async (send: () => Promise<unknown>) => {
      queries.length = 0;
      await send();
      return [...queries];
    };
    const validationCode = ValidationCode.parse("AAAAAA");
    for (const ask of [
      (email: EmailAddress) => there.send(authMethodPasswordGetAlgorithm, { email }),
      (email: EmailAddress) =>
        there.send(accountRecoverProceed, {
          email,
          validationCode,
          newVaultKeyAccess: new Uint8Array(),
          newAuthMethodPasswordAlgorithm: null,
          newAuthMethodMacKey: newMethod().macKey,
          newAuthMethodId: newMethod().authMethodId,
        }),
    ]) {
      const ofKnown = await during(() => ask(handle.email));
      expect(ofKnown.length).toBeGreaterThan(0);
      expect(await during(() => ask(freshHandle().email))).toEqual(ofKnown);
    }
  });
});
