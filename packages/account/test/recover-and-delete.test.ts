import { SettableClock } from "@parsec/base";
import { KeyDerivation, ready, SecretKey } from "@parsec/crypto";
import { DateTime, EmailAddress } from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { createAccount, logIn, recoverAccount, sendCreationCode, sendRecoveryCode } from "../src/index.ts";
import { alice, codeFor, otherCode, startAccountServer, startWithAccount } from "./support/real-server.ts";

beforeAll(() => ready());

const { email } = alice;

describe("a recovery", () => {
  test("by the code of the mail: an empty vault, until the previous one is restored", async () => {
    const { running, server, account } = await startWithAccount();
    await account.authMethods.changePassword("forgotten");
    const [key, otherKey] = [SecretKey.generate(), SecretKey.generate()];
    const id = await account.vault.uploadKey(key);

    await sendRecoveryCode(server, email);
    const code = codeFor(running, email);
    await recoverAccount(server, { email, code, credentials: { password: "new" } });
    await expect(account.authMethods.list()).rejects.toMatchObject({ code: "BAD_AUTHENTICATION" });

    await using again = await logIn(server, { email, password: "new" });
    expect(again.humanHandle).toEqual(alice);
    expect(await again.authMethods.list()).toHaveLength(1);
    await expect(again.vault.fetchKey(id)).rejects.toMatchObject({ code: "UNKNOWN_OPAQUE_KEY" });
    const otherId = await again.vault.uploadKey(otherKey);

    await expect(again.vault.restorePrevious({ password: "new" })).rejects.toMatchObject({ code: "NO_PREVIOUS_VAULT" });
    expect(await again.vault.restorePrevious({ password: "forgotten" })).toEqual({ restored: 1, unreadable: 0 });
    expect(await again.vault.restorePrevious({ password: "forgotten" })).toEqual({ restored: 0, unreadable: 0 });
    expect(await again.vault.fetchKey(id)).toEqual(key);
    expect(await again.vault.fetchKey(otherId)).toEqual(otherKey);
  });

  test("a former master secret restores too", async () => {
    const { running, server, account, masterSecret } = await startWithAccount();
    const key = SecretKey.generate();
    const id = await account.vault.uploadKey(key);
    await sendRecoveryCode(server, email);
    const next = KeyDerivation.generate();
    await recoverAccount(server, { email, code: codeFor(running, email), credentials: { masterSecret: next } });
    await using again = await logIn(server, { masterSecret: next });
    expect(await again.vault.restorePrevious({ masterSecret })).toEqual({ restored: 1, unreadable: 0 });
    expect(await again.vault.fetchKey(id)).toEqual(key);
  });

  test("not for an address without account, and nobody learns of it", async () => {
    const { running, server } = await startAccountServer();
    await sendRecoveryCode(server, email);
    expect(running.mailbox?.received()).toEqual([]);
    const recovery = { email, code: "AAAAAA", credentials: { masterSecret: KeyDerivation.generate() } };
    await expect(recoverAccount(server, recovery)).rejects.toMatchObject({ code: "SEND_VALIDATION_EMAIL_REQUIRED" });
  });

  test("not with a wrong code, nor with credentials that were used", async () => {
    const { running, server, account, masterSecret } = await startWithAccount();
    await sendRecoveryCode(server, email);
    const code = codeFor(running, email);
    const recover = (typed: string) => recoverAccount(server, { email, code: typed, credentials: { masterSecret } });
    await expect(recover(otherCode(code))).rejects.toMatchObject({ code: "INVALID_VALIDATION_CODE" });
    await expect(recover("abc")).rejects.toMatchObject({ code: "INVALID_VALIDATION_CODE" });
    await expect(recover(code)).rejects.toMatchObject({ code: "AUTH_METHOD_ALREADY_EXISTS" });
    expect(await account.authMethods.list()).toHaveLength(1);
  });

  test("a code for the creation is none for the recovery", async () => {
    const { running, server } = await startAccountServer();
    await sendCreationCode(server, email);
    const recovery = { email, code: codeFor(running, email), credentials: { masterSecret: KeyDerivation.generate() } };
    await expect(recoverAccount(server, recovery)).rejects.toMatchObject({ code: "SEND_VALIDATION_EMAIL_REQUIRED" });
  });
});

describe("a deletion", () => {
  test("by the code of the mail; the address is free again", async () => {
    const { running, server, account, masterSecret } = await startWithAccount();
    await using other = await logIn(server, { masterSecret });
    await account.sendDeletionCode();
    const code = codeFor(running, email);
    await expect(account.delete("nonsense")).rejects.toMatchObject({ code: "INVALID_VALIDATION_CODE" });
    await expect(account.delete(otherCode(code))).rejects.toMatchObject({ code: "INVALID_VALIDATION_CODE" });
    expect(await other.authMethods.list()).toHaveLength(1);
    await account.delete(code);
    await expect(account.authMethods.list()).rejects.toMatchObject({ code: "LOGGED_OUT" });
    await expect(other.authMethods.list()).rejects.toMatchObject({ code: "BAD_AUTHENTICATION" });
    await expect(logIn(server, { masterSecret })).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });

    await sendCreationCode(server, email);
    const next = KeyDerivation.generate();
    await createAccount(server, {
      humanHandle: alice,
      code: codeFor(running, email),
      credentials: { masterSecret: next },
    });
    await using again = await logIn(server, { masterSecret: next });
    expect(await again.vault.listRegistrationDevices()).toEqual([]);
  });

  test("without a mail first", async () => {
    const { account } = await startWithAccount();
    await expect(account.delete("AAAAAA")).rejects.toMatchObject({ code: "SEND_VALIDATION_EMAIL_REQUIRED" });
    expect(await account.authMethods.list()).toHaveLength(1);
  });
});

test("the mails of creation, recovery and deletion share one ration", async () => {
  const clock = new SettableClock(DateTime.parseRfc3339("2025-04-20T12:12:00Z"));
  const { server, account } = await startWithAccount({
    clock,
    config: { emailRateLimit: { cooldown: 60, maxPerHour: 0 } },
  });
  const waitUntil = clock.now() + 60_000_000;
  const limited = { code: "EMAIL_SENDING_RATE_LIMITED", waitUntil };
  await expect(account.sendDeletionCode()).rejects.toMatchObject(limited);
  await expect(sendRecoveryCode(server, email)).rejects.toMatchObject(limited);
  await expect(sendCreationCode(server, EmailAddress.parse("bob@example.com"))).rejects.toMatchObject(limited);
  clock.set(waitUntil);
  await account.sendDeletionCode();
});
