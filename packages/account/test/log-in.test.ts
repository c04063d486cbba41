import { inspect } from "node:util";
import { SettableClock } from "@parsec/base";
import type { Transport } from "@parsec/connection";
import { KeyDerivation, ready } from "@parsec/crypto";
import { DateTime, EmailAddress } from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { comes } from "../../../test/support/patience.ts";
import { createAccount, logIn, sendCreationCode } from "../src/index.ts";
import { alice, codeFor, newAccount, startAccountServer, startWithAccount } from "./support/real-server.ts";
import { algorithmReply, infoReply, startReplay } from "./support/replay.ts";

beforeAll(() => ready());

const { email } = alice;
const caught = async (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable("resolved"),
    (error) => error,
  );

describe("refused", () => {
  test("a wrong password as an unknown account: no difference to see", async () => {
    const { running, server } = await startAccountServer();
    await sendCreationCode(server, email);
    const credentials = { password: "P@ssw0rd." };
    await createAccount(server, { humanHandle: alice, code: codeFor(running, email), credentials });

    const wrong = await caught(logIn(server, { email, password: "hunter2-secret" }));
    const unknown = await caught(
      logIn(server, { email: EmailAddress.parse("zoe@example.com"), password: "hunter2-secret" }),
    );
    for (const error of [wrong, unknown]) {
      expect(error).toMatchObject({ code: "INVALID_CREDENTIALS", cause: { code: "BAD_AUTHENTICATION", status: 403 } });
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("hunter2");
    }
    expect(unknown.message).toBe(wrong.message);
    // The password is taken as typed, the address in its case.
    await expect(logIn(server, { email, password: " P@ssw0rd." })).rejects.toMatchObject({
      code: "INVALID_CREDENTIALS",
    });
  });

  test("an unknown master secret", async () => {
    const { server } = await startAccountServer();
    await expect(logIn(server, { masterSecret: KeyDerivation.generate() })).rejects.toMatchObject({
      code: "INVALID_CREDENTIALS",
    });
  });

  test.each([
    { memlimitKb: 131_071, opslimit: 3, parallelism: 1 },
    { memlimitKb: 131_072, opslimit: 2, parallelism: 1 },
    { memlimitKb: 131_072, opslimit: 3, parallelism: 0 },
    { memlimitKb: 131_072, opslimit: 3, parallelism: 2 },
    { memlimitKb: 1024 * 1024 + 1, opslimit: 3, parallelism: 1 },
    { memlimitKb: 131_072, opslimit: 17, parallelism: 1 },
    { memlimitKb: 0xffff_ffff, opslimit: 0xffff_ffff, parallelism: 1 },
  ])("what a server asks for: %o. Nothing derived from the password leaves", async (parameters) => {
    const { server, commands } = await startReplay({
      auth_method_password_get_algorithm: algorithmReply({ type: "ARGON2ID", ...parameters }),
    });
    await expect(logIn(server, { email, password: "P@ssw0rd." })).rejects.toMatchObject({
      code: "BAD_PASSWORD_ALGORITHM",
    });
    expect(commands()).toEqual(["auth_method_password_get_algorithm"]);
  });

  test("an answer for somebody else", async () => {
    const { server } = await startReplay({
      auth_method_password_get_algorithm: algorithmReply({
        type: "ARGON2ID",
        memlimitKb: 131_072,
        opslimit: 3,
        parallelism: 1,
      }),
      account_info: infoReply("mallory@example.com"),
    });
    await expect(logIn(server, { email, password: "P@ssw0rd." })).rejects.toMatchObject({ code: "BAD_REPLY" });
  });

  test("by a clock that is wrong", async () => {
    const clock = new SettableClock(DateTime.parseRfc3339("2025-04-20T12:12:00Z"));
    const { server, masterSecret } = await startWithAccount({ clock });
    const late = new SettableClock(clock.now() - 3_600_000_000);
    await expect(logIn({ ...server, clock: late }, { masterSecret })).rejects.toMatchObject({ code: "TOKEN_EXPIRED" });
  });

  test("by nobody: the server is down", async () => {
    const { running, server, account } = await startWithAccount();
    await running.close();
    await expect(logIn(server, { email, password: "P@ssw0rd." })).rejects.toMatchObject({ code: "OFFLINE" });
    await expect(logIn(server, { masterSecret: KeyDerivation.generate() })).rejects.toMatchObject({ code: "OFFLINE" });
    await expect(account.authMethods.list()).rejects.toMatchObject({ code: "OFFLINE" });
  });
});

describe("logged out", () => {
  test("nothing works, and nothing is sent", async () => {
    const { account } = await startWithAccount();
    await account.logOut();
    await account.logOut();
    const refused = { code: "LOGGED_OUT" };
    await expect(account.authMethods.list()).rejects.toMatchObject(refused);
    await expect(account.vault.listRegistrationDevices()).rejects.toMatchObject(refused);
    await expect(account.listInvitations()).rejects.toMatchObject(refused);
    await expect(account.sendDeletionCode()).rejects.toMatchObject(refused);
  });

  test("the operation under way finishes, those that wait do not", async () => {
    const { server, masterSecret } = await startWithAccount();
    const { transport } = server;
    let onSent = () => undefined as void;
    const watched: Transport = {
      request: (request, cancellation) => {
        onSent();
        return transport.request(request, cancellation);
      },
      close: () => transport.close(),
    };
    const account = await logIn({ ...server, transport: watched }, { masterSecret });
    const sent = new Promise<void>((resolve) => {
      onSent = resolve;
    });
    const [running, waiting] = [account.authMethods.list(), account.authMethods.list()];
    await comes("the first request", sent);
    const end = account.logOut();
    expect(await running).toHaveLength(1);
    await expect(waiting).rejects.toMatchObject({ code: "LOGGED_OUT" });
    await end;
  });

  test("an operation that waits for its turn can be aborted", async () => {
    const { account } = await startWithAccount();
    const reason = new Error("enough");
    const controller = new AbortController();
    const running = account.authMethods.list();
    const waiting = account.authMethods.list({ signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(await running).toHaveLength(1);
  });
});

test("an account shows no key", async () => {
  const { running, server } = await startAccountServer();
  const masterSecret = KeyDerivation.generate();
  const account = await newAccount(running, server, { masterSecret });
  const shown = inspect(account, { depth: 9, showHidden: true });
  expect(shown).toContain("alice@example.com");
  expect(shown).not.toMatch(/mac|secret/i);
});
