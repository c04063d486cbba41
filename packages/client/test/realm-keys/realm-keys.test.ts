import type { AuthenticatedConnection } from "@parsec/connection";
import { KeyDerivation, ready, SecretKey } from "@parsec/crypto";
import { makeKeyCanary, sealRealmKeysBundle, sealRealmKeysBundleAccess, VlobId } from "@parsec/types";
import { beforeAll, expect, test } from "vitest";
import type { Certificates } from "../../src/certificates/certificates.ts";
import { RealmKeys } from "../../src/realm-keys/realm-keys.ts";
import { type Fields, role, rotation, Stage } from "../support/certificates.ts";

beforeAll(() => ready());

/** The keys of a realm whose key 2 is not the one that was announced. */
function withCorruptedKey() {
  const stage = new Stage();
  const { alice, realmId } = stage;
  const [first, second] = [KeyDerivation.generate(), KeyDerivation.generate()];
  stage.add(alice, 1, role(realmId, alice, "OWNER"));
  for (const [index, key] of [first, KeyDerivation.generate()].entries()) {
    stage.add(alice, index + 2, { ...rotation(realmId, index + 1), keyCanary: makeKeyCanary(key) } as Fields);
  }
  const send = async (_command: unknown, { keyIndex }: { readonly keyIndex: number }) => {
    const key = SecretKey.generate();
    const keys = [first, second].slice(0, keyIndex);
    const bundle = { author: alice.deviceId, timestamp: stage.at(3), realmId, keys };
    return {
      status: "ok",
      keysBundle: sealRealmKeysBundle(key, alice.signingKey, { type: "realm_keys_bundle", ...bundle }),
      keysBundleAccess: sealRealmKeysBundleAccess(key, alice.privateKey.publicKey),
    };
  };
  const keys = new RealmKeys({
    device: { privateKey: alice.privateKey } as ConstructorParameters<typeof RealmKeys>[0]["device"],
    connection: { send } as unknown as AuthenticatedConnection,
    certificates: { view: stage.index } as unknown as Certificates,
  });
  return { keys, realmId, first };
}

test("a corrupted key opens nothing, and the last good one seals", async () => {
  const { keys, realmId, first } = withCorruptedKey();
  const usage = VlobId.generate();
  await expect(keys.forDecryption(realmId, 2, usage)).rejects.toMatchObject({ code: "REALM_KEY_CORRUPTED" });
  const { key, keyIndex } = await keys.forEncryption(realmId, usage);
  expect(keyIndex).toBe(1);
  expect(key.toBytes()).toEqual(first.deriveSecretKey(usage).toBytes());
  expect((await keys.forDecryption(realmId, 1, usage)).toBytes()).toEqual(key.toBytes());
});

test.each([0, 3])("there is no key of index %i", async (keyIndex) => {
  const { keys, realmId } = withCorruptedKey();
  await expect(keys.ofIndex(realmId, keyIndex)).rejects.toMatchObject({ code: "REALM_KEY_NOT_FOUND" });
});
