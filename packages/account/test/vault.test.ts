import type { DiagnosticEvent } from "@parsec/base";
import { AccountConnection } from "@parsec/connection";
import { HashDigest, KeyDerivation, opaqueKeyFingerprint, ready, SecretKey } from "@parsec/crypto";
import { accountCreateProceed, vaultItemList, vaultItemUpload } from "@parsec/protocol";
import {
  AccountVaultItemOpaqueKeyId,
  decode,
  dumpAccountVaultItem,
  LocalDevice,
  openAccountVaultKeyAccess,
  sealAccountVaultOpaqueKey,
  sealLocalDevice,
  UserId,
  ValidationCode,
} from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { keysOf } from "../src/auth-method-keys.ts";
import { type AccountServer, logIn, sendCreationCode } from "../src/index.ts";
import { connectTo } from "../src/server.ts";
import { alice, codeFor, newAccount, startAccountServer, startWithAccount } from "./support/real-server.ts";
import { hex, vectors } from "./support/vectors.ts";

beforeAll(() => ready());

/** A device of another user than any other. */
function newDevice(): LocalDevice {
  const { local_device_msgpack_hex } = vectors.reference_exchanges.device_from_password;
  return { ...decode(LocalDevice, hex(local_device_msgpack_hex)), userId: UserId.generate() };
}

/** Whoever has the master secret may put anything into the vault: another client, in an accident or on purpose. */
async function rawVault(server: AccountServer, masterSecret: KeyDerivation) {
  const { authMethodId, macKey, secretKey } = keysOf(masterSecret);
  const connection = new AccountConnection({ ...server, authMethodId, macKey });
  const listed = await connection.send(vaultItemList, {});
  if (listed.status !== "ok") expect.unreachable(listed.status);
  return {
    vaultKey: openAccountVaultKeyAccess(listed.keyAccess, secretKey),
    upload: async (item: Uint8Array, itemFingerprint = HashDigest.of(item)) => {
      expect(await connection.send(vaultItemUpload, { itemFingerprint, item })).toEqual({ status: "ok" });
    },
  };
}

describe("keys", () => {
  test("come back by their id, each upload under another", async () => {
    const { account } = await startWithAccount();
    const key = SecretKey.generate();
    const [first, second] = [await account.vault.uploadKey(key), await account.vault.uploadKey(key)];
    expect(first).not.toBe(second);
    expect(await account.vault.fetchKey(first)).toEqual(key);
    expect(await account.vault.fetchKey(second)).toEqual(key);
  });

  test("an unknown one, and one of another account", async () => {
    const { running, server, account } = await startWithAccount();
    const bob = await newAccount(running, server, { email: "bob@example.com" });
    const id = await bob.vault.uploadKey(SecretKey.generate());
    const unknown = { code: "UNKNOWN_OPAQUE_KEY" };
    await expect(account.vault.fetchKey(id)).rejects.toMatchObject(unknown);
    await expect(account.vault.fetchKey(AccountVaultItemOpaqueKeyId.generate())).rejects.toMatchObject(unknown);
  });

  test("corrupted ones", async () => {
    const { server, account, masterSecret } = await startWithAccount();
    const { vaultKey, upload } = await rawVault(server, masterSecret);
    const type = "account_vault_item_opaque_key";
    const content = (keyId: AccountVaultItemOpaqueKeyId, sealedWith: SecretKey) =>
      sealAccountVaultOpaqueKey(sealedWith, {
        type: "account_vault_item_opaque_key_encrypted_data",
        keyId,
        key: SecretKey.generate(),
      });
    const id = AccountVaultItemOpaqueKeyId.generate;
    const [ofOtherKey, ofOtherId, nonsense, tooShort] = [id(), id(), id(), id()];
    const bad = [
      { keyId: ofOtherKey, encryptedData: content(ofOtherKey, SecretKey.generate()) },
      { keyId: ofOtherId, encryptedData: content(id(), vaultKey) },
      { keyId: nonsense, encryptedData: vaultKey.encrypt(new Uint8Array(9)) },
      { keyId: tooShort, encryptedData: new Uint8Array(3) },
    ];
    for (const { keyId, encryptedData } of bad) {
      await upload(dumpAccountVaultItem({ type, keyId, encryptedData }), opaqueKeyFingerprint(keyId));
      await expect(account.vault.fetchKey(keyId)).rejects.toMatchObject({ code: "CORRUPTED_OPAQUE_KEY" });
    }
  });

  test("items of a later version are passed over, and told", async () => {
    const { server, masterSecret, account } = await startWithAccount();
    const key = SecretKey.generate();
    const id = await account.vault.uploadKey(key);
    const { upload } = await rawVault(server, masterSecret);
    await upload(new Uint8Array([0xff, 1, 2]));
    await upload(new Uint8Array());
    const events: DiagnosticEvent[] = [];
    await using other = await logIn({ ...server, diagnostics: (event) => events.push(event) }, { masterSecret });
    expect(await other.vault.listRegistrationDevices()).toEqual([]);
    expect(events.filter(({ area }) => area === "account")).toEqual([
      { area: "account", event: "vault_item_skipped" },
      { area: "account", event: "vault_item_skipped" },
    ]);
    expect(await other.vault.fetchKey(id)).toEqual(key);
  });

  test("a vault that does not open", async () => {
    const { running, server } = await startAccountServer();
    await sendCreationCode(server, alice.email);
    const masterSecret = KeyDerivation.generate();
    const { authMethodId, macKey } = keysOf(masterSecret);
    const accountCreateStep = {
      step: "NUMBER_1_CREATE",
      validationCode: ValidationCode.parse(codeFor(running, alice.email)),
      humanHandle: alice,
      authMethodPasswordAlgorithm: null,
      authMethodMacKey: macKey,
      authMethodId,
      vaultKeyAccess: new Uint8Array(100),
    } as const;
    await connectTo(server).send(accountCreateProceed, { accountCreateStep });
    await using account = await logIn(server, { masterSecret });
    const refused = { code: "BAD_VAULT_KEY_ACCESS" };
    await expect(account.vault.uploadKey(SecretKey.generate())).rejects.toMatchObject(refused);
    await expect(account.vault.fetchKey(AccountVaultItemOpaqueKeyId.generate())).rejects.toMatchObject(refused);
    await expect(account.vault.listRegistrationDevices()).rejects.toMatchObject(refused);
    await expect(account.vault.rotateKey({ masterSecret: KeyDerivation.generate() })).rejects.toMatchObject(refused);
    await expect(account.authMethods.changePassword("new")).rejects.toMatchObject(refused);
    // What does not need the vault works.
    expect(await account.authMethods.list()).toHaveLength(1);
  });
});

describe("registration devices", () => {
  test("one for each user", async () => {
    const { account } = await startWithAccount();
    const [device, other] = [newDevice(), newDevice()];
    await account.vault.uploadRegistrationDevice(device);
    await account.vault.uploadRegistrationDevice(other);
    await account.vault.uploadKey(SecretKey.generate());
    const { organizationId, userId } = device;
    const listed = await account.vault.listRegistrationDevices();
    expect(listed).toHaveLength(2);
    expect(listed).toContainEqual({ organizationId, userId });
    expect(await account.vault.fetchRegistrationDevice({ organizationId, userId })).toEqual(device);
    expect(await account.vault.fetchRegistrationDevice(other)).toEqual(other);

    const second = { ...newDevice(), userId };
    await expect(account.vault.uploadRegistrationDevice(second)).rejects.toMatchObject({
      code: "REGISTRATION_DEVICE_ALREADY_EXISTS",
    });
    await expect(
      account.vault.fetchRegistrationDevice({ organizationId, userId: UserId.generate() }),
    ).rejects.toMatchObject({ code: "UNKNOWN_REGISTRATION_DEVICE" });
  });

  test("one in the place of another is corrupted, and not listed", async () => {
    const { server, account, masterSecret } = await startWithAccount();
    const { vaultKey, upload } = await rawVault(server, masterSecret);
    const device = newDevice();
    const { organizationId } = device;
    for (const encryptedData of [sealLocalDevice(vaultKey, device), vaultKey.encrypt(new Uint8Array(7))]) {
      const userId = UserId.generate();
      const item = { type: "account_vault_item_registration_device", organizationId, userId, encryptedData } as const;
      await upload(dumpAccountVaultItem(item));
      await expect(account.vault.fetchRegistrationDevice({ organizationId, userId })).rejects.toMatchObject({
        code: "CORRUPTED_REGISTRATION_DEVICE",
      });
    }
    expect(await account.vault.listRegistrationDevices()).toEqual([]);
  });
});

describe("a new key for the vault", () => {
  test("keeps the items and ends all methods but the new one", async () => {
    const { server, account, masterSecret } = await startWithAccount();
    const key = SecretKey.generate();
    const device = newDevice();
    const id = await account.vault.uploadKey(key);
    await account.vault.uploadRegistrationDevice(device);
    const before = await rawVault(server, masterSecret);

    const next = KeyDerivation.generate();
    await account.vault.rotateKey({ masterSecret: next });
    expect(await account.vault.fetchKey(id)).toEqual(key);
    expect(await account.vault.fetchRegistrationDevice(device)).toEqual(device);
    expect(await account.authMethods.list()).toMatchObject([{ authMethodId: account.authMethodId }]);
    await expect(logIn(server, { masterSecret })).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });
    const after = await rawVault(server, next);
    expect(after.vaultKey.equals(before.vaultKey)).toBe(false);
    // Back is not possible: ids are for ever.
    await expect(account.vault.rotateKey({ masterSecret })).rejects.toMatchObject({
      code: "AUTH_METHOD_ALREADY_EXISTS",
    });
    expect(await account.vault.fetchKey(id)).toEqual(key);
  });

  test("an item that does not open stops it, unless told to keep it", async () => {
    const { server, account, masterSecret } = await startWithAccount();
    const key = SecretKey.generate();
    const id = await account.vault.uploadKey(key);
    const { upload } = await rawVault(server, masterSecret);
    await upload(new Uint8Array([0xff]));
    const next = { masterSecret: KeyDerivation.generate() };
    await expect(account.vault.rotateKey(next)).rejects.toMatchObject({ code: "CORRUPTED_VAULT_ITEM" });
    expect(await account.vault.fetchKey(id)).toEqual(key);
    await account.vault.rotateKey(next, { keepUnreadableItems: true });
    expect(await account.vault.fetchKey(id)).toEqual(key);
    expect((await listItems(server, next.masterSecret)).map((item) => item.length)).toContain(1);
  });

  test("another device adds an item meanwhile", async () => {
    const { server, account, masterSecret } = await startWithAccount();
    await using other = await logIn(server, { masterSecret });
    const id = await account.vault.uploadKey(SecretKey.generate());
    const late = SecretKey.generate();
    // Between the reading of the vault and its replacement.
    let lateId: AccountVaultItemOpaqueKeyId | undefined;
    const { transport } = server;
    let requests = 0;
    const watched: typeof transport = {
      request: async (request, cancellation) => {
        requests += 1;
        if (requests === 3) lateId = await other.vault.uploadKey(late);
        return transport.request(request, cancellation);
      },
      close: () => transport.close(),
    };
    await using rotating = await logIn({ ...server, transport: watched }, { masterSecret });
    await rotating.vault.rotateKey({ masterSecret: KeyDerivation.generate() });
    // Login, list, refused rotation, list again, rotation.
    expect(requests).toBe(5);
    expect(await rotating.vault.fetchKey(lateId ?? expect.unreachable())).toEqual(late);
    await expect(rotating.vault.fetchKey(id)).resolves.toBeInstanceOf(SecretKey);
  });
});

async function listItems(server: AccountServer, masterSecret: KeyDerivation): Promise<readonly Uint8Array[]> {
  const { authMethodId, macKey } = keysOf(masterSecret);
  const listed = await new AccountConnection({ ...server, authMethodId, macKey }).send(vaultItemList, {});
  if (listed.status !== "ok") return expect.unreachable(listed.status);
  return [...listed.items.values()];
}
