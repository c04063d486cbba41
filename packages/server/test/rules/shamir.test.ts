import { ready } from "@parsec/crypto";
import {
  certificateGet,
  inviteInfo,
  inviteNewShamirRecovery,
  inviteShamirRecoveryReveal,
  shamirRecoveryDelete,
  shamirRecoverySetup,
} from "@parsec/protocol";
import { AccessToken, type DateTime, loadTrustedCertificate, signCertificate, type UserId } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import { deletionFields, setupFields } from "../../conformance/scenarios/shamir.ts";
import type { Actor } from "../../conformance/support/actor.ts";
import { expectStatus, type TestOrganization } from "../../conformance/support/organization.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";
import { createStrictStore } from "../support/stores.ts";

let server: RunningServer;
let target: Target;
let org: TestOrganization;
let [bob, carl, dave]: readonly Actor[] = [];
beforeAll(async () => {
  await ready();
  server = await startTestServer({ dev: true, store: await createStrictStore() });
  target = await Target.connect(server.url, server.administrationToken);
});
afterAll(() => server.close());
beforeEach(async () => {
  org = await target.organization();
  [bob, carl, dave] = [await org.addUser(), await org.addUser(), await org.addUser()];
});

function known(actor: Actor | undefined): Actor {
  if (actor === undefined) throw new Error("there is one");
  return actor;
}

/** A setup with these weights, that so many shares open; the shares are for `sharesFor`. */
function weighted(
  author: Actor,
  weights: readonly (readonly [UserId, number])[],
  threshold: number,
  options: { readonly timestamp?: DateTime; readonly sharesFor?: readonly UserId[]; readonly shareAuthor?: Actor } = {},
) {
  const { timestamp = org.now(), sharesFor = weights.map(([id]) => id), shareAuthor = author } = options;
  const brief = {
    type: "shamir_recovery_brief_certificate",
    author: author.deviceId,
    timestamp,
    userId: author.userId,
    threshold,
    perRecipientShares: new Map(weights),
  } as const;
  return {
    cipheredData: new Uint8Array([1]),
    revealToken: AccessToken.generate(),
    shamirRecoveryBriefCertificate: signCertificate(author.signingKey, brief),
    shamirRecoveryShareCertificates: sharesFor.map((recipient) =>
      signCertificate(shareAuthor.signingKey, {
        type: "shamir_recovery_share_certificate",
        author: shareAuthor.deviceId,
        timestamp,
        userId: author.userId,
        recipient,
        cipheredShare: new Uint8Array([1]),
      }),
    ),
  };
}

const setup = async (author: Actor, fields: ReturnType<typeof weighted>) =>
  (await org.send(author, shamirRecoverySetup, fields)).status;

test("one share for each recipient of the brief: none missing, none too many, none twice", async () => {
  const [b, c, d] = [known(bob).userId, known(carl).userId, known(dave).userId];
  const weights = [
    [b, 1],
    [c, 2],
  ] as const;
  const attempt = (sharesFor: readonly UserId[]) => setup(org.alice, weighted(org.alice, weights, 2, { sharesFor }));
  expect(await attempt([])).toBe("invalid_certificate_missing_share_for_recipient");
  expect(await attempt([b])).toBe("invalid_certificate_missing_share_for_recipient");
  expect(await attempt([b, c, d])).toBe("invalid_certificate_missing_share_for_recipient");
  expect(await attempt([b, c, b])).toBe("invalid_certificate_missing_share_for_recipient");
  expect(await attempt([b, d])).toBe("invalid_certificate_share_recipient_not_in_brief");
  expect(await attempt([c, c])).toBe("invalid_certificate_duplicate_share_for_recipient");
  expect(await attempt([c, b])).toBe("ok");
});

test("shares are of this setup and of the device that sends them", async () => {
  const weights = [[known(bob).userId, 1]] as const;
  const phone = await org.addDevice(org.alice);
  const ofPhone = weighted(org.alice, weights, 1, { shareAuthor: phone });
  expect(await setup(org.alice, ofPhone)).toBe("invalid_certificate_share_corrupted");
  const forged = weighted(org.alice, weights, 1, { shareAuthor: { ...phone, deviceId: org.alice.deviceId } });
  expect(await setup(org.alice, forged)).toBe("invalid_certificate_share_corrupted");

  const timestamp = org.now();
  const first = weighted(org.alice, weights, 1, { timestamp });
  expect(await setup(org.alice, first)).toBe("ok");
  const deletion = deletionFields(org, org.alice, timestamp, [known(bob).userId]);
  expectStatus(await org.send(org.alice, shamirRecoveryDelete, deletion), "ok");
  const { shamirRecoveryShareCertificates } = first;
  const withOldShares = { ...weighted(org.alice, weights, 1), shamirRecoveryShareCertificates };
  expect(await setup(org.alice, withOldShares)).toBe("invalid_certificate_share_inconsistent_timestamp");
  const notTheDevice = weighted(phone, weights, 1);
  expect(await setup(org.alice, notTheDevice)).toBe("invalid_certificate_brief_corrupted");
  expect(await setup(phone, notTheDevice)).toBe("ok");
});

test("recipients exist, are active, and are not the author", async () => {
  const [a, b, c] = [org.alice.userId, known(bob).userId, known(carl).userId];
  await org.revoke(known(carl));
  const attempt = (weights: readonly (readonly [UserId, number])[]) =>
    setup(org.alice, weighted(org.alice, weights, 1));
  expect(
    await attempt([
      [b, 1],
      [a, 1],
    ]),
  ).toBe("invalid_certificate_author_included_as_recipient");
  expect(
    await attempt([
      [b, 1],
      [c, 1],
    ]),
  ).toBe("revoked_recipient");
  expect(await attempt([[b, 1]])).toBe("ok");
  // Somebody's setup is nobody else's business.
  expect(await setup(known(bob), weighted(known(bob), [[a, 1]], 1))).toBe("ok");
});

test("a deletion names the setup and its recipients, and is the owner's", async () => {
  const [b, c] = [known(bob).userId, known(carl).userId];
  const timestamp = org.now();
  const weights = [
    [b, 1],
    [c, 1],
  ] as const;
  expect(await setup(org.alice, weighted(org.alice, weights, 2, { timestamp }))).toBe("ok");
  const attempt = async (author: Actor, of: DateTime, recipients: readonly UserId[], options = {}) =>
    (await org.send(author, shamirRecoveryDelete, deletionFields(org, author, of, recipients, options))).status;
  for (const recipients of [[], [b], [b, known(dave).userId], [b, c, known(dave).userId]]) {
    expect(await attempt(org.alice, timestamp, recipients)).toBe("recipients_mismatch");
  }
  expect(await attempt(known(bob), timestamp, [b, c])).toBe("shamir_recovery_not_found");
  const userId = org.alice.userId;
  const asAlice = await attempt(known(bob), timestamp, [b, c], { userId });
  expect(asAlice).toBe("invalid_certificate_user_id_must_be_self");
  expect(await attempt(org.alice, timestamp, [c, b])).toBe("ok");
  expect(await attempt(org.alice, timestamp, [c, b])).toBe("shamir_recovery_already_deleted");
});

test("who sees what: the owner all but the shares, a recipient the brief and its own share, others nothing", async () => {
  const [b, c] = [known(bob).userId, known(carl).userId];
  const timestamp = org.now();
  const weights = [
    [b, 1],
    [c, 1],
  ] as const;
  expect(await setup(org.alice, weighted(org.alice, weights, 2, { timestamp }))).toBe("ok");
  const seen = async (actor: Actor, shamirRecoveryAfter: DateTime | null = null) => {
    const after = { commonAfter: null, sequesterAfter: null, shamirRecoveryAfter, realmAfter: new Map() };
    const reply = await org.send(actor, certificateGet, after);
    expectStatus(reply, "ok");
    return reply.shamirRecoveryCertificates.map((each) => {
      const { value } = loadTrustedCertificate(each);
      return value.type === "shamir_recovery_share_certificate" ? `share of ${value.recipient}` : value.type;
    });
  };
  const [brief, deletion] = ["shamir_recovery_brief_certificate", "shamir_recovery_deletion_certificate"];
  expect(await seen(org.alice)).toEqual([brief]);
  expect(await seen(known(bob))).toEqual([brief, `share of ${b}`]);
  expect(await seen(known(carl))).toEqual([brief, `share of ${c}`]);
  expect(await seen(known(dave))).toEqual([]);
  expect(await seen(known(bob), timestamp)).toEqual([]);
  expectStatus(
    await org.send(org.alice, shamirRecoveryDelete, deletionFields(org, org.alice, timestamp, [b, c])),
    "ok",
  );
  expect(await seen(org.alice)).toEqual([brief, deletion]);
  expect(await seen(known(bob), timestamp)).toEqual([deletion]);
  expect(await seen(known(dave))).toEqual([]);
});

test("a recovery is revealed by its own token, with its weights, until it is deleted", async () => {
  const [b, c] = [known(bob).userId, known(carl).userId];
  const timestamp = org.now();
  const weights = [
    [b, 3],
    [c, 1],
  ] as const;
  const fields = weighted(org.alice, weights, 3, { timestamp });
  expect(await setup(org.alice, fields)).toBe("ok");
  const other = setupFields(org, known(bob), [c]);
  expectStatus(await org.send(known(bob), shamirRecoverySetup, other), "ok");
  const invite = async (author: Actor, claimerUserId: UserId) => {
    const reply = await org.send(author, inviteNewShamirRecovery, { claimerUserId, sendEmail: false });
    expectStatus(reply, "ok");
    return reply.token;
  };
  const token = await invite(known(carl), org.alice.userId);
  expect(await invite(known(bob), org.alice.userId)).toBe(token);
  expect(await org.sendInvited(token, inviteInfo, {})).toMatchObject({
    threshold: 3,
    recipients: expect.arrayContaining([
      expect.objectContaining({ userId: b, shares: 3, revokedOn: null }),
      expect.objectContaining({ userId: c, shares: 1 }),
    ]),
  });
  const reveal = async (revealToken: AccessToken) =>
    (await org.sendInvited(token, inviteShamirRecoveryReveal, { revealToken })).status;
  expect([await reveal(other.revealToken), await reveal(fields.revealToken)]).toEqual(["bad_reveal_token", "ok"]);
  expectStatus(
    await org.send(org.alice, shamirRecoveryDelete, deletionFields(org, org.alice, timestamp, [b, c])),
    "ok",
  );
  await expect(reveal(fields.revealToken)).rejects.toMatchObject({ status: 410 });
  // A new setup needs a new invitation.
  expect(await setup(org.alice, weighted(org.alice, weights, 3))).toBe("ok");
  await expect(org.sendInvited(token, inviteInfo, {})).rejects.toMatchObject({ status: 410 });
  expect(await invite(known(carl), org.alice.userId)).not.toBe(token);
});
