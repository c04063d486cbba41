import { AccountConnection, OfflineError, type Transport } from "@parsec/connection";
import { HashDigest, KeyDerivation, ready, SecretKey } from "@parsec/crypto";
import { vaultItemUpload } from "@parsec/protocol";
import { type AccountVaultItem, AccountVaultItemOpaqueKeyId, dumpAccountVaultItem } from "@parsec/types";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { keysOf } from "../src/auth-method-keys.ts";
import { createAccount, logIn, recoverAccount, sendRecoveryCode } from "../src/index.ts";
import { alice, codeFor, startWithAccount } from "./support/real-server.ts";

// Whatever becomes of an operation, the keys that it made or opened are wiped; only those of the login live on.

/** Every key that is made, or that seals or opens something, from now on to the end of the test. */
function watchKeys(): { since(): { readonly live: () => readonly SecretKey[]; readonly count: () => number } } {
  const seen = new Set<SecretKey>();
  const { deriveSecretKey } = KeyDerivation.prototype;
  const { encrypt, decrypt } = SecretKey.prototype;
  const generate = SecretKey.generate.bind(SecretKey);
  const remember = (key: SecretKey) => {
    seen.add(key);
    return key;
  };
  const spies = [
    vi.spyOn(KeyDerivation.prototype, "deriveSecretKey").mockImplementation(function (this: KeyDerivation, id) {
      return remember(deriveSecretKey.call(this, id));
    }),
    vi.spyOn(SecretKey, "generate").mockImplementation(() => remember(generate())),
    vi.spyOn(SecretKey.prototype, "encrypt").mockImplementation(function (this: SecretKey, data) {
      return encrypt.call(remember(this), data);
    }),
    vi.spyOn(SecretKey.prototype, "decrypt").mockImplementation(function (this: SecretKey, data) {
      return decrypt.call(remember(this), data);
    }),
  ];
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return {
    since: () => {
      const before = new Set(seen);
      const made = () => [...seen].filter((key) => !before.has(key));
      return { live: () => made().filter(isLive), count: () => made().length };
    },
  };
}

function isLive(key: SecretKey): boolean {
  try {
    key.toBytes();
    return true;
  } catch {
    return false;
  }
}

const newSecret = () => KeyDerivation.generate();
let newKey: SecretKey;
beforeAll(async () => {
  await ready();
  newKey = SecretKey.generate();
});

/** An account with an item in its vault that does not open. */
async function withUnreadableItem() {
  const started = await startWithAccount();
  const { authMethodId, macKey } = keysOf(started.masterSecret);
  const connection = new AccountConnection({ ...started.server, authMethodId, macKey });
  const item: AccountVaultItem = {
    type: "account_vault_item_opaque_key",
    keyId: AccountVaultItemOpaqueKeyId.generate(),
    encryptedData: new Uint8Array(100),
  };
  const bytes = dumpAccountVaultItem(item);
  await connection.send(vaultItemUpload, { itemFingerprint: HashDigest.of(bytes), item: bytes });
  return started;
}

describe("a rotation of the vault's key", () => {
  test("that succeeds leaves the two keys of its method", async () => {
    const watch = watchKeys();
    const { account } = await startWithAccount();
    await account.vault.uploadKey(newKey);
    const keys = watch.since();
    await account.vault.rotateKey({ masterSecret: newSecret() });
    expect(keys.live()).toHaveLength(2);
    // The method's two, the new one of the vault, and the one that it had.
    expect(keys.count()).toBe(4);
    await account.logOut();
    expect(keys.live()).toEqual([]);
  });

  test("that fails at an item leaves none", async () => {
    const watch = watchKeys();
    const { account } = await withUnreadableItem();
    const keys = watch.since();
    await expect(account.vault.rotateKey({ masterSecret: newSecret() })).rejects.toMatchObject({
      code: "CORRUPTED_VAULT_ITEM",
    });
    expect(keys.count()).toBeGreaterThan(3);
    expect(keys.live()).toEqual([]);
    // The login goes on with the keys that it had.
    expect(await account.authMethods.list()).toHaveLength(1);
  });

  test("that the server refuses leaves none", async () => {
    const watch = watchKeys();
    const { account, masterSecret } = await startWithAccount();
    await account.vault.uploadKey(newKey);
    const keys = watch.since();
    await expect(account.vault.rotateKey({ masterSecret })).rejects.toMatchObject({
      code: "AUTH_METHOD_ALREADY_EXISTS",
    });
    expect(keys.count()).toBeGreaterThan(3);
    expect(keys.live()).toEqual([]);
  });

  test.each(["before", "after"])("whose connection breaks %s the server has done it leaves none", async (when) => {
    const watch = watchKeys();
    const { server, masterSecret } = await startWithAccount();
    let left = Number.POSITIVE_INFINITY;
    const breaking: Transport = {
      request: async (request, cancellation) => {
        left -= 1;
        if (left !== 0) return server.transport.request(request, cancellation);
        if (when === "after") (await server.transport.request(request, cancellation)).discard();
        throw new OfflineError("broken");
      },
      close: async () => undefined,
    };
    const account = await logIn({ ...server, transport: breaking }, { masterSecret });
    await account.vault.uploadKey(newKey);
    // The vault is read, then replaced.
    left = 2;
    const keys = watch.since();
    await expect(account.vault.rotateKey({ masterSecret: newSecret() })).rejects.toMatchObject({ code: "OFFLINE" });
    expect(left).toBe(0);
    expect(keys.live()).toEqual([]);
    await account.logOut();
  });
});

describe("other operations", () => {
  test("a change of password, done and refused", async () => {
    const watch = watchKeys();
    const { account } = await startWithAccount();
    const keys = watch.since();
    await account.authMethods.changePassword("first");
    expect(keys.live()).toHaveLength(2);
    const count = keys.count();
    await expect(account.authMethods.changePassword("first")).rejects.toMatchObject({
      code: "AUTH_METHOD_ALREADY_EXISTS",
    });
    expect(keys.count()).toBeGreaterThan(count);
    expect(keys.live()).toHaveLength(2);
    await account.logOut();
    expect(keys.live()).toEqual([]);
  });

  test("another master secret, done and refused", async () => {
    const watch = watchKeys();
    const { account, masterSecret } = await startWithAccount();
    const keys = watch.since();
    await account.authMethods.addMasterSecret(newSecret());
    await expect(account.authMethods.addMasterSecret(masterSecret)).rejects.toMatchObject({
      code: "AUTH_METHOD_ALREADY_EXISTS",
    });
    expect(keys.live()).toEqual([]);
  });

  test("a login that is refused", async () => {
    const watch = watchKeys();
    const { server } = await startWithAccount();
    const keys = watch.since();
    await expect(logIn(server, { masterSecret: newSecret() })).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });
    expect(keys.count()).toBe(2);
    expect(keys.live()).toEqual([]);
  });

  test("a creation and a recovery, done and refused", async () => {
    const watch = watchKeys();
    const { running, server, account, masterSecret } = await startWithAccount();
    await account.logOut();
    const keys = watch.since();
    const wrong = { humanHandle: alice, code: "AAAAAA", credentials: { masterSecret: newSecret() } };
    await expect(createAccount(server, wrong)).rejects.toThrow();
    await sendRecoveryCode(server, alice.email);
    const code = codeFor(running, alice.email);
    const recovery = { email: alice.email, code, credentials: { masterSecret: newSecret() } };
    await recoverAccount(server, recovery);
    expect(keys.count()).toBe(6);
    expect(keys.live()).toEqual([]);

    const again = await logIn(server, recovery.credentials);
    expect(keys.live()).toHaveLength(2);
    expect(await again.vault.restorePrevious({ masterSecret })).toEqual({ restored: 0, unreadable: 0 });
    await expect(again.vault.restorePrevious({ masterSecret: newSecret() })).rejects.toMatchObject({
      code: "NO_PREVIOUS_VAULT",
    });
    expect(keys.live()).toHaveLength(2);
    await again.logOut();
    expect(keys.live()).toEqual([]);
  });

  test("a key that the vault gives is the caller's; the vault's own is wiped", async () => {
    const given = SecretKey.generate();
    const watch = watchKeys();
    const { account } = await startWithAccount();
    const keys = watch.since();
    const id = await account.vault.uploadKey(given);
    expect(keys.live()).toEqual([]);
    const fetched = await account.vault.fetchKey(id);
    expect(keys.live()).toEqual([]);
    expect(fetched.toBytes()).toEqual(given.toBytes());
  });
});
