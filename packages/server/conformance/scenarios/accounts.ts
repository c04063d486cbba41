import assert from "node:assert/strict";
import { HashDigest } from "@parsec/crypto";
import {
  accountCreateProceed,
  accountCreateSendValidationEmail,
  accountDeleteProceed,
  accountDeleteSendValidationEmail,
  accountInfo,
  accountPing,
  accountRecoverProceed,
  accountRecoverSendValidationEmail,
  anonymousServerPing,
  authMethodCreate,
  authMethodDisable,
  authMethodList,
  authMethodPasswordGetAlgorithm,
  hashDigestHex,
  inviteNewUser,
  inviteSelfList,
  organizationSelfList,
  scwsServiceMutualChallenges,
  serverConfig,
  vaultItemList,
  vaultItemRecoveryList,
  vaultItemUpload,
  vaultKeyRotation,
} from "@parsec/protocol";
import { ValidationCode } from "@parsec/types";
import {
  type Account,
  argon2id,
  proceedWith as create,
  createAccount,
  newMethod,
  otherThan,
  withoutRateLimit,
} from "../support/accounts.ts";
import { freshActor, freshHandle } from "../support/actor.ts";
import { expectStatus } from "../support/organization.ts";
import { controlledScenario, expectHttpStatus, scenario } from "../support/scenario.ts";

export const accountScenarios = [
  scenario("server_config and the anonymous ping", async (target) => {
    const config = await target.send(serverConfig, {});
    expectStatus(config, "ok");
    assert(config.organizationBootstrap === "WITH_BOOTSTRAP_TOKEN" || config.organizationBootstrap === "SPONTANEOUS");
    expectStatus(await target.send(anonymousServerPing, { ping: "x" }), "ok");
  }),

  controlledScenario("accounts: creation by mailed code", async (target) => {
    await withoutRateLimit(target);
    const handle = freshHandle();
    const { email } = handle;
    const check = (validationCode: ValidationCode) =>
      target.send(accountCreateProceed, { accountCreateStep: { step: "NUMBER_0_CHECK_CODE", validationCode, email } });
    expectStatus(await check(ValidationCode.parse("AAAAAA")), "send_validation_email_required");
    const send = () => target.send(accountCreateSendValidationEmail, { email });
    await target.controls.fail({ kind: "mail", count: 1 });
    expectStatus(await send(), "email_server_unavailable");
    await target.controls.fail({ kind: "mail", count: 1, outcome: "RECIPIENT_REFUSED" });
    expectStatus(await send(), "email_recipient_refused");
    expectStatus(await send(), "ok");
    const code = ValidationCode.parse(await target.controls.lastCode(email));
    expectStatus(await check(code), "ok");
    expectStatus(await check(otherThan(code)), "invalid_validation_code");
    const method = newMethod();
    await createAccount(target, freshHandle(), method);
    expectStatus(await create(target, handle, code, method), "auth_method_id_already_exists");
    expectStatus(await create(target, handle, code), "ok");
    expectStatus(await check(code), "send_validation_email_required");
    const mails = (await target.controls.mails(email)).length;
    expectStatus(await send(), "ok");
    assert.equal((await target.controls.mails(email)).length, mails, "no mail for an existing account");

    const other = freshHandle();
    expectStatus(await target.send(accountCreateSendValidationEmail, { email: other.email }), "ok");
    const otherCode = ValidationCode.parse(await target.controls.lastCode(other.email));
    for (let failure = 0; failure < 3; failure += 1) {
      expectStatus(await create(target, other, otherThan(otherCode)), "invalid_validation_code");
    }
    expectStatus(await create(target, other, otherCode), "send_validation_email_required");
  }),

  controlledScenario("accounts: the rate limit of mails", async (target) => {
    await withoutRateLimit(target);
    const account = await createAccount(target, freshHandle());
    await target.controls.configure({ email_rate_limit_cooldown_delay: 60, email_rate_limit_max_per_hour: 3 });
    const { email } = freshHandle();
    const statuses = [
      (await target.send(accountCreateSendValidationEmail, { email })).status,
      (await target.send(accountCreateSendValidationEmail, { email })).status,
      (await target.send(accountRecoverSendValidationEmail, { email })).status,
      (await target.send(accountDeleteSendValidationEmail, {}, account)).status,
    ];
    assert.deepEqual(statuses.slice(1), Array(3).fill("email_sending_rate_limited"));
    await withoutRateLimit(target);
  }),

  controlledScenario("accounts: vault, methods and their ends", async (target) => {
    await withoutRateLimit(target);
    const handle = freshHandle();
    const password = await createAccount(target, handle);
    const info = await target.send(accountInfo, {}, password);
    expectStatus(info, "ok");
    assert.deepEqual(info.humanHandle, handle);
    expectStatus(await target.send(accountPing, { ping: "x" }, password), "ok");
    const algorithm = await target.send(authMethodPasswordGetAlgorithm, { email: handle.email });
    expectStatus(algorithm, "ok");
    assert.deepEqual(algorithm.passwordAlgorithm, argon2id);
    const fake = await target.send(authMethodPasswordGetAlgorithm, { email: freshHandle().email });
    expectStatus(fake, "ok");
    assert.equal(fake.passwordAlgorithm.memlimitKb, 131_072);

    const itemFingerprint = HashDigest.of(new Uint8Array([1]));
    const upload = () => target.send(vaultItemUpload, { itemFingerprint, item: new Uint8Array([5]) }, password);
    expectStatus(await upload(), "ok");
    expectStatus(await upload(), "fingerprint_already_exists");
    const items = await target.send(vaultItemList, {}, password);
    expectStatus(items, "ok");
    assert.deepEqual([...items.items.keys()], [itemFingerprint.hex]);

    const second = newMethod();
    const add = (method: Account, passwordAlgorithm: typeof argon2id | null = null, sender = password) =>
      target.send(
        authMethodCreate,
        {
          authMethodPasswordAlgorithm: passwordAlgorithm,
          authMethodMacKey: method.macKey,
          authMethodId: method.authMethodId,
          vaultKeyAccess: new Uint8Array([2]),
        },
        sender,
      );
    expectStatus(await add(second), "ok");
    expectStatus(await add(second), "auth_method_id_already_exists");
    const listed = await target.send(authMethodList, {}, password);
    expectStatus(listed, "ok");
    assert.equal(listed.items.length, 2);
    const stranger = await createAccount(target, freshHandle());
    const disable = ({ authMethodId }: Account, sender = password) =>
      target.send(authMethodDisable, { authMethodId }, sender);
    expectStatus(await disable(password), "self_disable_not_allowed");
    expectStatus(await disable(stranger), "auth_method_not_found");
    expectStatus(await disable(second), "ok");
    expectStatus(await disable(second), "auth_method_already_disabled");
    await expectHttpStatus(target.send(accountInfo, {}, second), 403);
    const newPassword = newMethod();
    expectStatus(await add(newPassword, argon2id), "ok");
    await expectHttpStatus(target.send(accountInfo, {}, password), 403);

    const rotate = (method: Account, sender: Account, fingerprints: readonly HashDigest[]) =>
      target.send(
        vaultKeyRotation,
        {
          newAuthMethodId: method.authMethodId,
          newAuthMethodMacKey: method.macKey,
          newAuthMethodPasswordAlgorithm: argon2id,
          newVaultKeyAccess: new Uint8Array([3]),
          items: new Map(fingerprints.map((each) => [hashDigestHex(each), new Uint8Array([6])])),
        },
        sender,
      );
    const rotated = newMethod();
    expectStatus(await rotate(rotated, newPassword, []), "items_mismatch");
    expectStatus(await rotate(stranger, newPassword, [itemFingerprint]), "new_auth_method_id_already_exists");
    expectStatus(await rotate(rotated, newPassword, [itemFingerprint]), "ok");
    const recovery = await target.send(vaultItemRecoveryList, {}, rotated);
    expectStatus(recovery, "ok");
    assert.deepEqual([recovery.currentVault.authMethods.length, recovery.previousVaults.length], [1, 1]);
  }),

  controlledScenario("accounts: recovery and deletion by mailed code", async (target) => {
    await withoutRateLimit(target);
    const handle = freshHandle();
    const { email } = handle;
    const first = await createAccount(target, handle);
    const recover = (validationCode: ValidationCode, method = newMethod()) =>
      target.send(accountRecoverProceed, {
        email,
        validationCode,
        newVaultKeyAccess: new Uint8Array([4]),
        newAuthMethodPasswordAlgorithm: null,
        newAuthMethodMacKey: method.macKey,
        newAuthMethodId: method.authMethodId,
      });
    expectStatus(await recover(ValidationCode.parse("AAAAAA")), "send_validation_email_required");
    const sendRecovery = () => target.send(accountRecoverSendValidationEmail, { email });
    await target.controls.fail({ kind: "mail", count: 1 });
    expectStatus(await sendRecovery(), "email_server_unavailable");
    await target.controls.fail({ kind: "mail", count: 1, outcome: "RECIPIENT_REFUSED" });
    expectStatus(await sendRecovery(), "email_recipient_refused");
    expectStatus(await sendRecovery(), "ok");
    const code = ValidationCode.parse(await target.controls.lastCode(email));
    expectStatus(await recover(otherThan(code)), "invalid_validation_code");
    expectStatus(await recover(code, first), "auth_method_id_already_exists");
    const recovered = newMethod();
    expectStatus(await recover(code, recovered), "ok");
    await expectHttpStatus(target.send(accountInfo, {}, first), 403);

    const remove = (validationCode: ValidationCode) => target.send(accountDeleteProceed, { validationCode }, recovered);
    const sendDeletion = () => target.send(accountDeleteSendValidationEmail, {}, recovered);
    expectStatus(await remove(ValidationCode.parse("AAAAAA")), "send_validation_email_required");
    await target.controls.fail({ kind: "mail", count: 1 });
    expectStatus(await sendDeletion(), "email_server_unavailable");
    await target.controls.fail({ kind: "mail", count: 1, outcome: "RECIPIENT_REFUSED" });
    expectStatus(await sendDeletion(), "email_recipient_refused");
    expectStatus(await sendDeletion(), "ok");
    const deletionCode = ValidationCode.parse(await target.controls.lastCode(email));
    expectStatus(await remove(otherThan(deletionCode)), "invalid_validation_code");
    expectStatus(await remove(deletionCode), "ok");
    await expectHttpStatus(target.send(accountInfo, {}, recovered), 403);
    await createAccount(target, handle);
  }),

  controlledScenario("accounts: the organizations and invitations of an e-mail", async (target) => {
    await withoutRateLimit(target);
    const actor = freshActor();
    const account = await createAccount(target, actor.handle);
    const [org, inviting] = [await target.organization(), await target.organization()];
    await org.addUser("STANDARD", actor);
    const invitation = await inviting.send(inviting.alice, inviteNewUser, {
      claimerEmail: actor.handle.email,
      sendEmail: false,
    });
    expectStatus(invitation, "ok");
    const listed = await target.send(organizationSelfList, {}, account);
    expectStatus(listed, "ok");
    assert.deepEqual(
      listed.active.map(({ organizationId }) => organizationId),
      [org.id],
    );
    const invitations = await target.send(inviteSelfList, {}, account);
    expectStatus(invitations, "ok");
    assert.deepEqual(invitations.invitations, [[inviting.id, invitation.token, "USER"]]);
    await org.revoke(actor);
    const after = await target.send(organizationSelfList, {}, account);
    expectStatus(after, "ok");
    assert.equal(after.revoked.length, 1);
  }),

  scenario("scws_service_mutual_challenges without configuration", async (target) => {
    const reply = await target.send(scwsServiceMutualChallenges, {
      scwsServiceChallengePayload: new Uint8Array([1]),
      scwsServiceChallengeSignature: new Uint8Array([1]),
      scwsServiceChallengeKeyId: 99,
      webApplicationChallengePayload: new Uint8Array([1]),
    });
    assert(reply.status === "not_available" || reply.status === "unknown_scws_service_challenge_key_id");
  }),
];
