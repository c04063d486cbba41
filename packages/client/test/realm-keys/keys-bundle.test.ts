import { KeyDerivation, PrivateKey, ready, SecretKey } from "@parsec/crypto";
import {
  DeviceId,
  makeKeyCanary,
  type RealmKeyRotationCertificate,
  sealRealmKeysBundle,
  sealRealmKeysBundleAccess,
  VlobId,
} from "@parsec/types";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { loadKeysBundle } from "../../src/realm-keys/keys-bundle.ts";
import { repairKeys } from "../../src/realm-keys/repair.ts";
import { contiguousRotations } from "../../src/realm-keys/rotations.ts";
import { rotation, Stage } from "../support/certificates.ts";
import type { TestUser } from "../support/organization.ts";

beforeAll(() => ready());

let stage: Stage;
let keys: KeyDerivation[];
let rotations: RealmKeyRotationCertificate[];
const reader = { privateKey: undefined as PrivateKey | undefined };

/** A realm whose two keys were announced, the second one by bob at 20. */
beforeEach(() => {
  stage = new Stage();
  reader.privateKey = PrivateKey.generate();
  keys = [KeyDerivation.generate(), KeyDerivation.generate()];
  rotations = keys.map((key, i) => announced(stage.bob, 10 * (i + 1), i + 1, key));
});

function announced(
  author: TestUser,
  micros: number,
  keyIndex: number,
  key: KeyDerivation,
): RealmKeyRotationCertificate {
  const certificate = stage.dated(author.deviceId, micros, rotation(stage.realmId, keyIndex));
  if (certificate.type !== "realm_key_rotation_certificate") throw new Error("another type");
  return { ...certificate, keyCanary: makeKeyCanary(key) };
}

interface Spoiled {
  readonly author?: TestUser;
  readonly signer?: TestUser;
  readonly realmId?: VlobId;
  readonly micros?: number;
  readonly keys?: readonly KeyDerivation[];
  readonly access?: Uint8Array;
  readonly keysBundle?: Uint8Array;
  readonly keysBundleKey?: SecretKey;
}

/** What comes of loading the bundle of the last rotation, made as told. */
function load(spoiled: Spoiled = {}, at: readonly RealmKeyRotationCertificate[] = rotations) {
  const { author = stage.bob, signer = author, micros = 20, realmId = stage.realmId } = spoiled;
  const bundleKey = SecretKey.generate();
  const bundle = {
    type: "realm_keys_bundle",
    author: author.deviceId,
    timestamp: stage.at(micros),
    realmId,
    keys: spoiled.keys ?? keys,
  } as const;
  const { privateKey } = reader;
  const last = at.at(-1);
  if (privateKey === undefined || last === undefined) throw new Error("not ready");
  const sealed = {
    keysBundle: spoiled.keysBundle ?? sealRealmKeysBundle(bundleKey, signer.signingKey, bundle),
    keysBundleAccess:
      spoiled.access ?? sealRealmKeysBundleAccess(spoiled.keysBundleKey ?? bundleKey, privateKey.publicKey),
  };
  return loadKeysBundle(stage.index, at, last, sealed, privateKey);
}

const defect = (name: string) =>
  expect.objectContaining({ code: "INVALID_KEYS_BUNDLE", defect: name, origin: rotations.at(-1) });

describe("a keys bundle", () => {
  test("by the author of the rotation gives all keys", () => {
    const loaded = load();
    expect(loaded.keys.map(({ realmKey }) => realmKey.toBytes())).toEqual(keys.map((key) => key.toBytes()));
    expect(loaded.keys.map(({ isCorrupted }) => isCorrupted)).toEqual([false, false]);
  });

  test("by another member is refused, though it is genuine", () => {
    expect(() => load({ author: stage.alice })).toThrow(defect("AUTHOR_MISMATCH"));
  });

  test("by the right author's name and another one's key is corrupted", () => {
    expect(() => load({ signer: stage.alice })).toThrow(defect("CORRUPTED"));
  });

  test("by a device that nobody has made, or not yet made then", () => {
    expect(() => load({ author: { ...stage.bob, deviceId: DeviceId.generate() } })).toThrow(
      defect("NON_EXISTENT_AUTHOR"),
    );
    const created = stage.bob.device.timestamp - stage.at(0);
    expect(() => load({ micros: created - 1 })).toThrow(defect("NON_EXISTENT_AUTHOR"));
    expect(load({ micros: created }).keys).toHaveLength(2);
  });

  test("of another realm, or with a key more or less than announced", () => {
    expect(() => load({ realmId: VlobId.generate() })).toThrow(defect("REALM_ID_MISMATCH"));
    expect(() => load({ keys: keys.slice(1) })).toThrow(defect("KEY_INDEX_MISMATCH"));
    expect(() => load({ keys: [...keys, KeyDerivation.generate()] })).toThrow(defect("KEY_INDEX_MISMATCH"));
  });

  test("that is damaged, or for somebody else", () => {
    expect(() => load({ access: new Uint8Array(80) })).toThrow(defect("CORRUPTED_ACCESS"));
    const other = sealRealmKeysBundleAccess(SecretKey.generate(), PrivateKey.generate().publicKey);
    expect(() => load({ access: other })).toThrow(defect("CORRUPTED_ACCESS"));
    expect(() => load({ keysBundle: new Uint8Array(100) })).toThrow(defect("DECRYPTION"));
    expect(() => load({ keysBundleKey: SecretKey.generate() })).toThrow(defect("DECRYPTION"));
  });

  test.each([0, 1])("with another key than the one announced at place %i: that one is corrupted", (place) => {
    const wrong = keys.map((key, i) => (i === place ? KeyDerivation.generate() : key));
    expect(load({ keys: wrong }).keys.map(({ isCorrupted }) => isCorrupted)).toEqual([place === 0, place === 1]);
  });

  test("with its keys in another order: both are corrupted", () => {
    expect(load({ keys: keys.toReversed() }).keys.map(({ isCorrupted }) => isCorrupted)).toEqual([true, true]);
  });
});

describe("the repair", () => {
  const bundleOf = (...corrupted: readonly boolean[]) => ({
    keys: corrupted.map((isCorrupted) => ({ realmKey: KeyDerivation.generate(), isCorrupted })),
    keysBundleKey: SecretKey.generate(),
  });

  test("takes a key from the most recent older bundle that has it whole", async () => {
    const last = bundleOf(true, false, true, false);
    const older = new Map([
      [3, bundleOf(true, false, false)],
      [2, bundleOf(true, true)],
      [1, bundleOf(false)],
    ]);
    const asked: number[] = [];
    const repaired = await repairKeys(last, async (keyIndex) => {
      asked.push(keyIndex);
      return older.get(keyIndex);
    });
    expect(asked).toEqual([3, 2, 1]);
    expect(repaired.keys).toEqual([older.get(1)?.keys[0], last.keys[1], older.get(3)?.keys[2], last.keys[3]]);
    expect(repaired.keysBundleKey).toBe(last.keysBundleKey);
  });

  test("asks for nothing that it does not need", async () => {
    const whole = bundleOf(false, false);
    const never = () => Promise.reject(new Error("asked"));
    expect(await repairKeys(whole, never)).toBe(whole);
    // The newest key is in no older bundle.
    expect((await repairKeys(bundleOf(false, true), never)).keys[1]?.isCorrupted).toBe(true);
    const asked: number[] = [];
    await repairKeys(bundleOf(false, true, false, false), async (keyIndex) => {
      asked.push(keyIndex);
      return keyIndex === 3 ? bundleOf(false, false, false) : undefined;
    });
    expect(asked).toEqual([3]);
  });

  test("goes on without a bundle that cannot be opened", async () => {
    const first = bundleOf(false);
    const repaired = await repairKeys(bundleOf(true, false, false), async (keyIndex) =>
      keyIndex === 1 ? first : undefined,
    );
    expect(repaired.keys[0]).toBe(first.keys[0]);
  });
});

test.each([
  [[1, 2, 3], true],
  [[], true],
  [[2], false],
  [[1, 3], false],
  [[1, 1], false],
  [[2, 1], false],
])("rotations of the indexes %j follow one another: %s", (indexes, expected) => {
  for (const [i, keyIndex] of indexes.entries()) stage.add(stage.bob, i, rotation(stage.realmId, keyIndex));
  const found = () => contiguousRotations(stage.index, stage.realmId).map(({ keyIndex }) => keyIndex);
  if (expected) expect(found()).toEqual(indexes);
  else expect(found).toThrow(expect.objectContaining({ code: "MISSING_KEY_ROTATIONS" }));
});

test("a date that is not the certificate's is tolerated: writers do not give it", () => {
  expect(load({ micros: 1 }).keys).toHaveLength(2);
  expect(load({ micros: 1_000_000 }).keys).toHaveLength(2);
});
