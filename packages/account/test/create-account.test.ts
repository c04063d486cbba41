import { SettableClock } from "@parsec/base";
import { KeyDerivation, ready } from "@parsec/crypto";
import { DateTime, EmailAddress, HumanHandle } from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { checkCreationCode, createAccount, logIn, sendCreationCode } from "../src/index.ts";
import { alice, codeFor, newAccount, otherCode, startAccountServer } from "./support/real-server.ts";

beforeAll(() => ready());

const { email } = alice;
const start = DateTime.parseRfc3339("2025-04-20T12:12:00Z");
const second = 1_000_000;

describe("a new account", () => {
  test("by the code of the mail, with a password", async () => {
    const { running, server } = await startAccountServer();
    await sendCreationCode(server, email);
    const code = codeFor(running, email);
    await checkCreationCode(server, { email, code });
    await checkCreationCode(server, { email, code });
    await createAccount(server, { humanHandle: alice, code, credentials: { password: "P@ssw0rd." } });

    await using account = await logIn(server, { email, password: "P@ssw0rd." });
    expect(account.humanHandle).toEqual(alice);
    expect(account.address).toEqual(server.address);
    expect(await account.authMethods.list()).toMatchObject([
      { authMethodId: account.authMethodId, usesPassword: true, createdByIp: "127.0.0.1" },
    ]);
    expect(await account.vault.listRegistrationDevices()).toEqual([]);
    expect(await account.listInvitations()).toEqual([]);
    expect(await account.listOrganizations()).toEqual({ active: [], revoked: [] });
  });

  test("by a master secret, which stays the caller's", async () => {
    const { running, server } = await startAccountServer();
    const masterSecret = KeyDerivation.generate();
    const account = await newAccount(running, server, { masterSecret });
    expect(await account.authMethods.list()).toMatchObject([{ usesPassword: false }]);
    await account.logOut();
    await using again = await logIn(server, { masterSecret });
    expect(again.humanHandle).toEqual(alice);
  });

  test("no mail to an address that has one, and nobody learns of it", async () => {
    const { running, server } = await startAccountServer();
    await newAccount(running, server);
    running.mailbox?.clear();
    await sendCreationCode(server, email);
    expect(running.mailbox?.received()).toEqual([]);
    await expect(checkCreationCode(server, { email, code: "AAAAAA" })).rejects.toMatchObject({
      code: "SEND_VALIDATION_EMAIL_REQUIRED",
    });
  });

  test("an address in another case is another account", async () => {
    const { running, server } = await startAccountServer();
    await newAccount(running, server);
    await using other = await newAccount(running, server, { email: "Alice@example.com" });
    expect(other.humanHandle.email).toBe("Alice@example.com");
  });

  test("not with credentials of another account", async () => {
    const { running, server } = await startAccountServer();
    const masterSecret = KeyDerivation.generate();
    await newAccount(running, server, { masterSecret });
    const bob = HumanHandle.parse("bob@example.com", "Bob");
    await sendCreationCode(server, bob.email);
    const code = codeFor(running, bob.email);
    const attempt = createAccount(server, { humanHandle: bob, code, credentials: { masterSecret } });
    await expect(attempt).rejects.toMatchObject({ code: "AUTH_METHOD_ALREADY_EXISTS" });
    // The code is not used up by that.
    await createAccount(server, { humanHandle: bob, code, credentials: { masterSecret: KeyDerivation.generate() } });
  });

  test("an abort is the caller's reason", async () => {
    const { server } = await startAccountServer();
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await expect(sendCreationCode(server, email, { signal })).rejects.toBe(reason);
    const request = { humanHandle: alice, code: "AAAAAA", credentials: { password: "x" } };
    await expect(createAccount(server, request, { signal })).rejects.toBe(reason);
  });
});

describe("the code", () => {
  test("is good for three failures, whatever follows", async () => {
    const { running, server } = await startAccountServer();
    await sendCreationCode(server, email);
    const code = codeFor(running, email);
    const wrong = { email, code: otherCode(code) };
    for (let i = 0; i < 2; i += 1) {
      await expect(checkCreationCode(server, wrong)).rejects.toMatchObject({ code: "INVALID_VALIDATION_CODE" });
    }
    await checkCreationCode(server, { email, code });
    const credentials = { masterSecret: KeyDerivation.generate() };
    await expect(createAccount(server, { humanHandle: alice, code: wrong.code, credentials })).rejects.toMatchObject({
      code: "INVALID_VALIDATION_CODE",
    });
    const exhausted = { code: "SEND_VALIDATION_EMAIL_REQUIRED" };
    await expect(checkCreationCode(server, { email, code })).rejects.toMatchObject(exhausted);
    await expect(createAccount(server, { humanHandle: alice, code, credentials })).rejects.toMatchObject(exhausted);

    await sendCreationCode(server, email);
    await createAccount(server, { humanHandle: alice, code: codeFor(running, email), credentials });
  });

  test.each(["", "ABC", "abcdef", "ABCDE0", " ABCDE", "ABCDEFG"])(
    "%j cannot be one: it is not even sent, and does not count",
    async (nonsense) => {
      const { running, server } = await startAccountServer();
      await sendCreationCode(server, email);
      const code = codeFor(running, email);
      for (let i = 0; i < 4; i += 1) {
        await expect(checkCreationCode(server, { email, code: nonsense })).rejects.toMatchObject({
          code: "INVALID_VALIDATION_CODE",
        });
      }
      await checkCreationCode(server, { email, code });
    },
  );

  test("lasts an hour", async () => {
    const clock = new SettableClock(start);
    const { running, server } = await startAccountServer({ clock });
    await sendCreationCode(server, email);
    const code = codeFor(running, email);
    clock.set(start + 3600 * second);
    await checkCreationCode(server, { email, code });
    clock.set(start + 3600 * second + 1);
    await expect(checkCreationCode(server, { email, code })).rejects.toMatchObject({
      code: "SEND_VALIDATION_EMAIL_REQUIRED",
    });
  });
});

describe("mails", () => {
  test("are rationed: the error tells until when", async () => {
    const clock = new SettableClock(start);
    const { server } = await startAccountServer({ clock, config: { emailRateLimit: { cooldown: 60, maxPerHour: 3 } } });
    const refusedUntil = (waitUntil: number) =>
      expect(sendCreationCode(server, email)).rejects.toMatchObject({
        code: "EMAIL_SENDING_RATE_LIMITED",
        waitUntil,
        name: "EmailRateLimitedError",
      });
    await sendCreationCode(server, email);
    await refusedUntil(start + 60 * second);
    // One machine floods nobody else either.
    await expect(sendCreationCode(server, EmailAddress.parse("bob@example.com"))).rejects.toMatchObject({
      code: "EMAIL_SENDING_RATE_LIMITED",
    });
    clock.set(start + 60 * second);
    await sendCreationCode(server, email);
    clock.set(start + 120 * second);
    await sendCreationCode(server, email);
    clock.set(start + 180 * second);
    await refusedUntil(start + 3600 * second);
    clock.set(start + 3600 * second);
    await sendCreationCode(server, email);
  });

  test.each([
    ["SERVER_UNAVAILABLE", "EMAIL_SERVER_UNAVAILABLE"],
    ["BAD_SMTP_CONFIG", "EMAIL_SERVER_UNAVAILABLE"],
    ["RECIPIENT_REFUSED", "EMAIL_RECIPIENT_REFUSED"],
  ] as const)("that cannot be sent: %s", async (outcome, code) => {
    const mailer = { send: async () => outcome, close: async () => undefined };
    const { server } = await startAccountServer({ mailer });
    await expect(sendCreationCode(server, email)).rejects.toMatchObject({ code });
  });
});
