import { KeyDerivation, ready, SecretKey } from "@parsec/crypto";
import { AccountAuthMethodId } from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { logIn } from "../src/index.ts";
import { alice, newAccount, startWithAccount } from "./support/real-server.ts";

beforeAll(() => ready());

const { email } = alice;

describe("a change of password", () => {
  test("goes on with the new one; other devices have to log in again", async () => {
    const { server, account, masterSecret } = await startWithAccount();
    const key = SecretKey.generate();
    const id = await account.vault.uploadKey(key);
    await account.authMethods.changePassword("first");
    await using other = await logIn(server, { email, password: "first" });
    expect(await other.vault.fetchKey(id)).toEqual(key);

    await account.authMethods.changePassword("second");
    expect(await account.vault.fetchKey(id)).toEqual(key);
    const ended = { code: "BAD_AUTHENTICATION" };
    await expect(other.vault.fetchKey(id)).rejects.toMatchObject(ended);
    await expect(other.authMethods.list()).rejects.toMatchObject(ended);
    await expect(other.authMethods.changePassword("third")).rejects.toMatchObject(ended);
    await expect(logIn(server, { email, password: "first" })).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });
    await using again = await logIn(server, { email, password: "second" });
    expect(again.authMethodId).toBe(account.authMethodId);

    // The master secret is another method: it is as good as before.
    await using third = await logIn(server, { masterSecret });
    const methods = await third.authMethods.list();
    expect(methods).toHaveLength(2);
    expect(methods).toMatchObject([
      { authMethodId: third.authMethodId, usesPassword: false },
      { authMethodId: account.authMethodId, usesPassword: true },
    ]);
    expect(methods[1]?.createdByUserAgent).toMatch(/^Parsec-Client\//);

    // Neither the present password nor a former one.
    for (const used of ["second", "first"]) {
      await expect(account.authMethods.changePassword(used)).rejects.toMatchObject({
        code: "AUTH_METHOD_ALREADY_EXISTS",
      });
    }
    expect(await account.vault.fetchKey(id)).toEqual(key);
  });

  test("operations asked for meanwhile wait for it", async () => {
    const { account } = await startWithAccount();
    const change = account.authMethods.changePassword("first");
    const uploads = await Promise.all([1, 2, 3].map(() => account.vault.uploadKey(SecretKey.generate())));
    await change;
    const uploadsAfter = account.vault.fetchKey(uploads[2] ?? expect.unreachable());
    expect(await uploadsAfter).toBeInstanceOf(SecretKey);
  });
});

describe("other methods", () => {
  test("a second master secret opens the same vault, until it is disabled", async () => {
    const { server, account } = await startWithAccount();
    const key = SecretKey.generate();
    const id = await account.vault.uploadKey(key);
    const masterSecret = KeyDerivation.generate();
    const added = await account.authMethods.addMasterSecret(masterSecret);
    await using other = await logIn(server, { masterSecret });
    expect(other.authMethodId).toBe(added);
    expect(await other.vault.fetchKey(id)).toEqual(key);

    await account.authMethods.disable(added);
    await expect(other.vault.fetchKey(id)).rejects.toMatchObject({ code: "BAD_AUTHENTICATION" });
    await expect(account.authMethods.disable(added)).rejects.toMatchObject({ code: "AUTH_METHOD_ALREADY_DISABLED" });
    await expect(account.authMethods.addMasterSecret(masterSecret)).rejects.toMatchObject({
      code: "AUTH_METHOD_ALREADY_EXISTS",
    });
    expect(await account.authMethods.list()).toHaveLength(1);
  });

  test("neither one's own, nor one of somebody else", async () => {
    const { running, server, account } = await startWithAccount();
    const bob = await newAccount(running, server, { email: "bob@example.com" });
    const { authMethods, authMethodId } = account;
    await expect(authMethods.disable(authMethodId)).rejects.toMatchObject({ code: "SELF_DISABLE_NOT_ALLOWED" });
    const notFound = { code: "AUTH_METHOD_NOT_FOUND" };
    await expect(authMethods.disable(bob.authMethodId)).rejects.toMatchObject(notFound);
    await expect(authMethods.disable(AccountAuthMethodId.generate())).rejects.toMatchObject(notFound);
  });
});
