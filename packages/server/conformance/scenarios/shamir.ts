import assert from "node:assert/strict";
import {
  inviteInfo,
  inviteNewShamirRecovery,
  inviteShamirRecoveryReveal,
  shamirRecoveryDelete,
  shamirRecoverySetup,
} from "@parsec/protocol";
import { AccessToken, type DateTime, signCertificate, UserId } from "@parsec/types";
import type { Actor } from "../support/actor.ts";
import { expectStatus, type TestOrganization } from "../support/organization.ts";
import { expectHttpStatus, scenario } from "../support/scenario.ts";
import { longAgo } from "./users.ts";

interface SetupOptions {
  readonly timestamp?: DateTime;
  readonly briefUserId?: UserId;
  /** Who gets a share certificate; by default the recipients of the brief. */
  readonly shareRecipients?: readonly UserId[];
  readonly shareTimestamp?: DateTime;
}

/** A request that sets up a recovery with one share for each recipient, any of which is enough. */
export function setupFields(
  org: TestOrganization,
  author: Actor,
  recipients: readonly UserId[],
  options: SetupOptions = {},
) {
  const timestamp = options.timestamp ?? org.now();
  const common = { author: author.deviceId, userId: options.briefUserId ?? author.userId } as const;
  const perRecipientShares = new Map(recipients.map((recipient) => [recipient, 1]));
  const brief = {
    type: "shamir_recovery_brief_certificate",
    ...common,
    timestamp,
    threshold: 1,
    perRecipientShares,
  } as const;
  const shares = (options.shareRecipients ?? recipients).map((recipient) =>
    signCertificate(author.signingKey, {
      type: "shamir_recovery_share_certificate",
      ...common,
      timestamp: options.shareTimestamp ?? timestamp,
      recipient,
      cipheredShare: new Uint8Array([1]),
    }),
  );
  return {
    cipheredData: new Uint8Array([42]),
    revealToken: AccessToken.generate(),
    shamirRecoveryBriefCertificate: signCertificate(author.signingKey, brief),
    shamirRecoveryShareCertificates: shares,
  };
}

interface DeletionOptions {
  readonly timestamp?: DateTime;
  readonly userId?: UserId;
}

/** A request that deletes the author's recovery of that date. */
export function deletionFields(
  org: TestOrganization,
  author: Actor,
  setupToDeleteTimestamp: DateTime,
  recipients: readonly UserId[],
  options: DeletionOptions = {},
) {
  return {
    shamirRecoveryDeletionCertificate: signCertificate(author.signingKey, {
      type: "shamir_recovery_deletion_certificate",
      author: author.deviceId,
      timestamp: options.timestamp ?? org.now(),
      setupToDeleteTimestamp,
      setupToDeleteUserId: options.userId ?? author.userId,
      shareRecipients: new Set(recipients),
    }),
  };
}

export const shamirScenarios = [
  scenario("shamir_recovery_setup", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const [bob, carl, revoked] = [await org.addUser(), await org.addUser(), await org.addUser()];
    await org.revoke(revoked);
    const setup = (recipients: readonly UserId[], options?: SetupOptions) =>
      org.send(alice, shamirRecoverySetup, setupFields(org, alice, recipients, options));
    const both = [bob.userId, carl.userId];
    const fields = setupFields(org, alice, both);
    const garbage = new Uint8Array([1]);
    expectStatus(
      await org.send(alice, shamirRecoverySetup, { ...fields, shamirRecoveryBriefCertificate: garbage }),
      "invalid_certificate_brief_corrupted",
    );
    expectStatus(
      await org.send(alice, shamirRecoverySetup, { ...fields, shamirRecoveryShareCertificates: [garbage, garbage] }),
      "invalid_certificate_share_corrupted",
    );
    expectStatus(await setup(both, { timestamp: longAgo }), "timestamp_out_of_ballpark");
    expectStatus(await setup(both, { briefUserId: bob.userId }), "invalid_certificate_user_id_must_be_self");
    expectStatus(
      await setup(both, { shareRecipients: [bob.userId] }),
      "invalid_certificate_missing_share_for_recipient",
    );
    expectStatus(await setup(both, { shareTimestamp: org.now() }), "invalid_certificate_share_inconsistent_timestamp");
    expectStatus(
      await setup(both, { shareRecipients: [bob.userId, UserId.generate()] }),
      "invalid_certificate_share_recipient_not_in_brief",
    );
    expectStatus(
      await setup(both, { shareRecipients: [bob.userId, bob.userId] }),
      "invalid_certificate_duplicate_share_for_recipient",
    );
    expectStatus(await setup([alice.userId]), "invalid_certificate_author_included_as_recipient");
    expectStatus(await setup([UserId.generate()]), "recipient_not_found");
    expectStatus(await setup([revoked.userId]), "revoked_recipient");
    const before = org.now();
    expectStatus(await org.send(bob, shamirRecoverySetup, setupFields(org, bob, [carl.userId])), "ok");
    expectStatus(await setup(both, { timestamp: before }), "require_greater_timestamp");
    expectStatus(await setup(both), "ok");
    expectStatus(await setup(both), "shamir_recovery_already_exists");
  }),

  scenario("shamir_recovery_delete, and the invitations to a recovery", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const [bob, carl] = [await org.addUser(), await org.addUser()];
    const timestamp = org.now();
    const fields = setupFields(org, alice, [bob.userId], { timestamp });
    expectStatus(await org.send(alice, shamirRecoverySetup, fields), "ok");

    const invite = (author: Actor, claimerUserId: UserId) =>
      org.send(author, inviteNewShamirRecovery, { claimerUserId, sendEmail: false });
    expectStatus(await invite(bob, UserId.generate()), "user_not_found");
    expectStatus(await invite(carl, alice.userId), "author_not_allowed");
    expectStatus(await invite(bob, carl.userId), "author_not_allowed");
    const invitation = await invite(bob, alice.userId);
    expectStatus(invitation, "ok");
    const info = await org.sendInvited(invitation.token, inviteInfo, {});
    expectStatus(info, "ok");
    assert(info.type === "SHAMIR_RECOVERY");
    assert.deepEqual(
      info.recipients.map(({ userId }) => userId),
      [bob.userId],
    );
    const reveal = (revealToken: AccessToken) =>
      org.sendInvited(invitation.token, inviteShamirRecoveryReveal, { revealToken });
    expectStatus(await reveal(AccessToken.generate()), "bad_reveal_token");
    const revealed = await reveal(fields.revealToken);
    expectStatus(revealed, "ok");
    assert.deepEqual([...revealed.cipheredData], [42]);

    const deletion = (changes: DeletionOptions & { of?: DateTime; recipients?: readonly UserId[] } = {}) => {
      const { of = timestamp, recipients = [bob.userId], ...options } = changes;
      return org.send(alice, shamirRecoveryDelete, deletionFields(org, alice, of, recipients, options));
    };
    const corrupted = { shamirRecoveryDeletionCertificate: new Uint8Array([1]) };
    expectStatus(await org.send(alice, shamirRecoveryDelete, corrupted), "invalid_certificate_corrupted");
    expectStatus(await deletion({ timestamp: longAgo }), "timestamp_out_of_ballpark");
    expectStatus(await deletion({ userId: bob.userId }), "invalid_certificate_user_id_must_be_self");
    expectStatus(await deletion({ of: longAgo }), "shamir_recovery_not_found");
    expectStatus(await deletion({ recipients: [bob.userId, carl.userId] }), "recipients_mismatch");
    expectStatus(await deletion({ timestamp }), "require_greater_timestamp");
    expectStatus(await deletion(), "ok");
    expectStatus(await deletion(), "shamir_recovery_already_deleted");
    await expectHttpStatus(org.sendInvited(invitation.token, inviteInfo, {}), 410);
  }),
];
