import { KeyDerivation, PrivateKey, ready, SecretKey, SigningKey } from "@parsec/crypto";
import { beforeAll, describe, expect, it } from "vitest";
import * as t from "../../src/index.ts";
import { error } from "../support/errors.ts";

beforeAll(() => ready());

const author = t.DeviceId.generate();
const timestamp = t.DateTime.fromMicros(1_700_000_000_000_001);
const realmId = t.VlobId.generate();

describe("realm keys", () => {
  it("travel in a bundle, whose key travels in an access", () => {
    const [signingKey, user, keysBundleKey] = [SigningKey.generate(), PrivateKey.generate(), SecretKey.generate()];
    const keys = [KeyDerivation.generate(), KeyDerivation.generate()];
    const bundle: t.RealmKeysBundle = { type: "realm_keys_bundle", author, timestamp, realmId, keys };
    const sealed = t.sealRealmKeysBundle(keysBundleKey, signingKey, bundle);
    const access = t.sealRealmKeysBundleAccess(keysBundleKey, user.publicKey);
    const unverified = t.openRealmKeysBundle(sealed, t.openRealmKeysBundleAccess(access, user));
    expect(unverified.author).toBe(author);
    const { value } = unverified.verify(signingKey.verifyKey);
    expect(t.bundleKeyIndex(value)).toBe(2);
    expect(t.bundleKey(value, 2)?.equals(keys[1] ?? keysBundleKey)).toBe(true);
    expect([t.bundleKey(value, 0), t.bundleKey(value, 3)]).toEqual([undefined, undefined]);
    expect(() => unverified.verify(SigningKey.generate().verifyKey)).toThrow(error("SIGNATURE"));
    expect(() => t.openRealmKeysBundle(sealed, SecretKey.generate())).toThrow(error("DECRYPTION"));
    expect(() => t.openRealmKeysBundle(sealed.subarray(0, 10), keysBundleKey)).toThrow(error("DECRYPTION"));
    expect(() => t.openRealmKeysBundleAccess(access, PrivateKey.generate())).toThrow(error("DECRYPTION"));
  });

  it("are never none", () => {
    const key = SecretKey.generate();
    const empty = t.tagged("type", "realm_keys_bundle", {
      author: t.DeviceId,
      timestamp: t.DateTime,
      realmId: t.VlobId,
      keys: t.list(t.KeyDerivationCodec),
    });
    const signingKey = SigningKey.generate();
    const value = { type: "realm_keys_bundle", author, timestamp, realmId, keys: [] } as const;
    const sealed = t.dumpSignAndEncrypt(empty, value, { signingKey, key });
    const open = () => t.openRealmKeysBundle(sealed, key);
    expect(open).toThrow(error("BAD_SERIALIZATION", { step: "msgpack+validation" }));
  });

  it("are told by their canary", () => {
    const key = KeyDerivation.generate();
    const canary = t.makeKeyCanary(key);
    expect(canary).toHaveLength(40);
    expect(t.opensKeyCanary(key, canary)).toBe(true);
    expect(t.opensKeyCanary(KeyDerivation.generate(), canary)).toBe(false);
    expect(t.opensKeyCanary(key, new Uint8Array(3))).toBe(false);
  });

  it("hide the name of the realm", () => {
    const key = KeyDerivation.generate();
    const name = t.EntryName.parse("Déjà vu");
    const encrypted = t.encryptRealmName(key, name);
    expect(t.decryptRealmName(key, encrypted)).toBe(name);
    expect(() => t.decryptRealmName(KeyDerivation.generate(), encrypted)).toThrow(error("DECRYPTION"));
    const nameKey = key.deriveSecretKey("00000000-0000-0000-0000-000000000002");
    for (const bytes of [Uint8Array.of(0xff), new TextEncoder().encode("a/b")]) {
      expect(() => t.decryptRealmName(key, nameKey.encrypt(bytes))).toThrow(error("BAD_SERIALIZATION"));
    }
  });

  it("give another key for each manifest, block and path", () => {
    const key = KeyDerivation.generate();
    const [vlob, block] = [t.VlobId.generate(), t.BlockId.generate()];
    const derived = [t.vlobKey(key, vlob), t.blockKey(key, block), t.pathAddressKey(key), t.vlobKey(key, realmId)];
    expect(t.vlobKey(key, vlob).equals(t.vlobKey(key, vlob))).toBe(true);
    for (const [i, one] of derived.entries()) {
      for (const other of derived.slice(i + 1)) expect(one.equals(other)).toBe(false);
    }
  });
});
