import { toHex } from "@parsec/base";
import { KeyDerivation, ready, SecretKey } from "@parsec/crypto";
import { accountVault, loadDevice, memoryDeviceStore } from "@parsec/device";
import {
  bearer,
  createAccountToken,
  decodeRequest,
  type Family,
  type VaultItemUploadRequest,
  vaultItemList,
  vaultItemRecoveryList,
  vaultItemUpload,
} from "@parsec/protocol";
import {
  AccountAuthMethodId,
  AccountVaultItemOpaqueKeyId,
  DateTime,
  decode,
  encode,
  LocalDevice,
  loadAccountVaultItem,
  openAccountVaultKeyAccess,
  openAccountVaultOpaqueKey,
  openLocalDevice,
} from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { accountVaultKeys, logIn } from "../src/index.ts";
import { algorithmReply, infoReply, startReplay } from "./support/replay.ts";
import { type Exchange, hex, vectors } from "./support/vectors.ts";

// What the reference server and its clients have said, with the keys to see what it means. That each message decodes
// and encodes to the same bytes is tested in `protocol`, that each is sent and understood in `connection`.

beforeAll(() => ready());

const { device_from_password: path, exchanges } = vectors.reference_exchanges;
const ofAccounts = exchanges.filter(
  ({ family }) => family === "authenticated_account" || family === "anonymous_server",
);

const secretKey = (text: string) => SecretKey.fromBytes(hex(text));

describe("the authorization of requests", () => {
  const timely = ofAccounts.filter(
    ({ request, keys, status }) =>
      request.headers["Authorization"]?.includes(`.${keys.auth_method_id}.`) === true &&
      !["http_401", "http_403"].includes(status),
  );
  test.each(timely)("$id", ({ request, keys }) => {
    const sent = request.headers["Authorization"] ?? expect.unreachable();
    const seconds = Number(sent.split(".").at(-2));
    const id = AccountAuthMethodId.parse(keys.auth_method_id ?? "") ?? expect.unreachable();
    const macKey = secretKey(keys.auth_method_mac_key_hex ?? "");
    expect(bearer(createAccountToken(id, macKey, DateTime.fromSeconds(seconds)))).toBe(sent);
  });
});

describe("the access to the vault key in each message that has one", () => {
  /** The access, the key that opens it, and the vault key inside. */
  function access({ cmd, family, request, reply, status, keys }: Exchange) {
    const message = decodeRequest(family as Family, hex(request.body_hex ?? ""));
    if (message.cmd === "vault_item_list" && status === "ok") {
      const listed = decode(vaultItemList.reply, hex(reply.body_hex ?? ""));
      if (listed.status !== "ok") expect.unreachable(listed.status);
      return [listed.keyAccess, keys.auth_method_secret_key_hex, keys.vault_key_hex] as const;
    }
    if (message.cmd === "account_create_proceed" && message.accountCreateStep.step === "NUMBER_1_CREATE") {
      return [message.accountCreateStep.vaultKeyAccess, keys.auth_method_secret_key_hex, keys.vault_key_hex] as const;
    }
    if (message.cmd === "account_recover_proceed") {
      return [message.newVaultKeyAccess, keys.auth_method_secret_key_hex, keys.vault_key_hex] as const;
    }
    if (message.cmd === "auth_method_create") {
      const secret = keys.new_auth_method_secret_key_hex ?? keys.password_auth_method_secret_key_hex;
      return [message.vaultKeyAccess, secret, keys.vault_key_hex] as const;
    }
    if (message.cmd === "vault_key_rotation") {
      return [message.newVaultKeyAccess, keys.new_auth_method_secret_key_hex, keys.new_vault_key_hex] as const;
    }
    return expect.unreachable(cmd);
  }
  const withAccess = ofAccounts.filter(
    ({ cmd, status, keys }) =>
      !status.startsWith("http_4") &&
      Object.keys(keys).length > 0 &&
      [
        "vault_item_list",
        "account_create_proceed",
        "account_recover_proceed",
        "auth_method_create",
        "vault_key_rotation",
      ].includes(cmd),
  );

  test.each(withAccess)("$id", (exchange) => {
    const [keyAccess, secret = expect.unreachable(), vaultKey = expect.unreachable()] = access(exchange);
    expect(openAccountVaultKeyAccess(keyAccess, secretKey(secret))).toEqual(secretKey(vaultKey));
  });
});

describe("the items in each message that has some", () => {
  /** Opens an item and checks that the ids inside are those outside. */
  function openItem(bytes: Uint8Array, vaultKey: SecretKey): void {
    const item = loadAccountVaultItem(bytes);
    if (item.type === "account_vault_item_opaque_key") {
      expect(openAccountVaultOpaqueKey(item.encryptedData, vaultKey).keyId).toBe(item.keyId);
      return;
    }
    const { organizationId, userId } = item;
    expect(openLocalDevice(item.encryptedData, vaultKey)).toMatchObject({ organizationId, userId });
  }

  test.each(ofAccounts.filter(({ cmd, status }) => cmd === "vault_item_upload" && !status.startsWith("http")))(
    "$id",
    ({ request, keys }) => {
      const { item } = decode(vaultItemUpload.request, hex(request.body_hex ?? ""));
      openItem(item, secretKey(keys.vault_key_hex ?? ""));
    },
  );

  test("a vault", () => {
    const { reply, keys } =
      ofAccounts.find(({ id }) => id === "authenticated_account/vault_item_list/ok") ?? noExchange();
    const listed = decode(vaultItemList.reply, hex(reply.body_hex ?? ""));
    if (listed.status !== "ok") expect.unreachable(listed.status);
    expect(listed.items.size).toBeGreaterThan(0);
    for (const item of listed.items.values()) openItem(item, secretKey(keys.vault_key_hex ?? ""));
  });
});

describe("a new machine: e-mail and password, the vault, the device file", () => {
  const replies = {
    auth_method_password_get_algorithm: algorithmReply({
      type: "ARGON2ID",
      memlimitKb: 131_072,
      opslimit: 3,
      parallelism: 1,
    }),
    account_info: infoReply(path.email),
    vault_item_list: hex(path.vault_item_list_reply_hex),
  };

  test("gives the device", async () => {
    const { server } = await startReplay(replies);
    const { humanHandle, address } = { ...decodedDevice(path.local_device_msgpack_hex), address: server.address };
    await using account = await logIn(server, { email: humanHandle.email, password: path.password });
    expect(account.authMethodId).toBe(path.auth_method_id);
    expect(account.address).toEqual(address);

    const registration = decodedDevice(path.registration_device.local_device_msgpack_hex);
    expect(registration.deviceId).toBe(path.registration_device.device_id);
    const { organizationId, userId } = registration;
    expect(await account.vault.listRegistrationDevices()).toEqual([{ organizationId, userId }]);
    expect(await account.vault.fetchRegistrationDevice({ organizationId, userId })).toEqual(registration);

    const keyId = AccountVaultItemOpaqueKeyId.parse(path.ciphertext_key_id) ?? expect.unreachable();
    expect(await account.vault.fetchKey(keyId)).toEqual(secretKey(path.opaque_key_hex));

    const store = memoryDeviceStore();
    await store.write("devices/zack.keys", hex(path.device_file_hex));
    const device = await loadDevice(store, "devices/zack.keys", accountVault(accountVaultKeys(account)));
    expect(toHex(encode(LocalDevice, device))).toBe(path.local_device_msgpack_hex);
  });

  function decodedDevice(text: string): LocalDevice {
    return decode(LocalDevice, hex(text));
  }
});

describe("a recovered account with its previous vaults", () => {
  const { reply, keys } =
    ofAccounts.find(({ id }) => id === "authenticated_account/vault_item_recovery_list/ok") ?? noExchange();
  const recovery = decode(vaultItemRecoveryList.reply, hex(reply.body_hex ?? ""));
  if (recovery.status !== "ok") expect.unreachable(recovery.status);
  const { currentVault, previousVaults } = recovery;

  test.each(keys.previous_passwords ?? [])("the items behind %j come back", async (password) => {
    const own = currentVault.authMethods.find(({ authMethodId }) => authMethodId === keys.auth_method_id);
    const keyAccess = own?.vaultKeyAccess ?? expect.unreachable();
    const uploads: VaultItemUploadRequest[] = [];
    const { server } = await startReplay({
      account_info: infoReply(keys.email ?? ""),
      vault_item_list: encode(vaultItemList.reply, { status: "ok", keyAccess, items: currentVault.vaultItems }),
      vault_item_recovery_list: hex(reply.body_hex ?? ""),
      vault_item_upload: (body) => {
        uploads.push(decode(vaultItemUpload.request, body));
        return encode(vaultItemUpload.reply, { status: "ok" });
      },
    });
    const masterSecret = KeyDerivation.fromBytes(hex(keys.auth_method_master_secret_hex ?? ""));
    await using account = await logIn(server, { masterSecret });
    const result = await account.vault.restorePrevious({ password });

    const vaultKey = secretKey(keys.vault_key_hex ?? "");
    const previousKeys = (keys.previous_vault_keys_hex ?? []).map(secretKey);
    expect(result).toEqual({ restored: 1, unreadable: 1 });
    expect(uploads).toHaveLength(1);
    for (const { itemFingerprint, item } of uploads) {
      const loaded = loadAccountVaultItem(item);
      const before = previousVaults.flatMap(({ vaultItems }) =>
        [...vaultItems].filter(([fingerprint]) => fingerprint === itemFingerprint.hex).map(([, stored]) => stored),
      );
      const contents = before.flatMap((stored) => contentsOf(stored, previousKeys));
      expect(contents).toContainEqual(vaultKey.decrypt(loaded.encryptedData));
    }
  });

  test("a password that never was finds none", async () => {
    const own = currentVault.authMethods.find(({ authMethodId }) => authMethodId === keys.auth_method_id);
    const keyAccess = own?.vaultKeyAccess ?? expect.unreachable();
    const { server } = await startReplay({
      account_info: infoReply(keys.email ?? ""),
      vault_item_list: encode(vaultItemList.reply, { status: "ok", keyAccess, items: new Map() }),
      vault_item_recovery_list: hex(reply.body_hex ?? ""),
    });
    const masterSecret = KeyDerivation.fromBytes(hex(keys.auth_method_master_secret_hex ?? ""));
    await using account = await logIn(server, { masterSecret });
    await expect(account.vault.restorePrevious({ password: "never" })).rejects.toMatchObject({
      code: "NO_PREVIOUS_VAULT",
    });
  });
});

/** What is inside an item, for those of the keys that open it. The recorder also put nonsense into vaults. */
function contentsOf(stored: Uint8Array, keys: readonly SecretKey[]): readonly Uint8Array[] {
  return keys.flatMap((key) => {
    try {
      return [key.decrypt(loadAccountVaultItem(stored).encryptedData)];
    } catch {
      return [];
    }
  });
}

function noExchange(): never {
  throw new Error("no such exchange");
}
