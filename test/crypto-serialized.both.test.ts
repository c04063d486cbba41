import { fromHex, toHex } from "@parsec/base";
import { PrivateKey, ready, SecretKey, ShamirShare, SigningKey, VerifyKey } from "@parsec/crypto";
import {
  createAccountToken,
  createDeviceToken,
  parseAccountToken,
  parseDeviceToken,
  verifyAccountToken,
  verifyDeviceToken,
} from "@parsec/protocol";
import {
  AccountAuthMethodId,
  type Codec,
  combineShamirRecoverySecret,
  DateTime,
  DeviceId,
  decode,
  encode,
  HashDigestCodec,
  KeyDerivationCodec,
  openShamirRecoveryShareData,
  PrivateKeyCodec,
  PublicKeyCodec,
  SecretKeyCodec,
  SigningKeyCodec,
  TrustedPasswordAlgorithm,
  UntrustedPasswordAlgorithm,
  VerifyKeyCodec,
} from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import file from "./vectors/crypto.json" with { type: "json" };

/*
 * The entries of crypto.json about serialized forms, through the packages that own these forms. The primitives
 * inside, and all other entries, are tested in packages/crypto.
 */

beforeAll(() => ready());

type Fields = Readonly<Record<string, unknown>>;

interface Entry {
  readonly name: string;
  readonly input: Fields;
  readonly expected: Fields;
}

function entriesOf(primitive: string): Entry[] {
  const found = file.vectors.filter((vector) => vector.primitive === primitive);
  return found.map(({ name, input, expect: expected }) => ({ name, input, expected }));
}

function bytes(hex: unknown): Uint8Array<ArrayBuffer> {
  const value = fromHex(String(hex));
  if (value === undefined) throw new Error("the vector holds bad hex");
  return value;
}

describe("keys in msgpack", () => {
  checkKeys("SecretKey", SecretKeyCodec);
  checkKeys("KeyDerivation", KeyDerivationCodec);
  checkKeys("PrivateKey", PrivateKeyCodec);
  checkKeys("PublicKey", PublicKeyCodec);
  checkKeys("SigningKey", SigningKeyCodec);
  checkKeys("VerifyKey", VerifyKeyCodec);
  checkKeys("HashDigest", HashDigestCodec);

  function checkKeys<Key extends { toBytes(): Uint8Array }>(type: string, codec: Codec<Key>): void {
    const entries = entriesOf(`${type}.msgpack`);
    test(`${type}: ${entries.length} entry`, () => {
      expect(entries).toHaveLength(1);
      for (const { input, expected } of entries) {
        for (const form of [expected["msgpack"], expected["also_accepted_on_load"]]) {
          const key = decode(codec, bytes(form));
          expect(toHex(key.toBytes())).toBe(input["raw"]);
          expect(toHex(encode(codec, key))).toBe(expected["msgpack"]);
        }
      }
    });
  }
});

describe("password algorithms in msgpack", () => {
  test("trusted: 1 entry", () => {
    const entries = entriesOf("TrustedPasswordAlgorithm.msgpack");
    expect(entries).toHaveLength(1);
    for (const { input, expected } of entries) {
      const algorithm = decode(TrustedPasswordAlgorithm, bytes(expected["msgpack"]));
      expect(algorithm).toEqual({
        type: input["type"],
        memlimitKb: input["memlimit_kb"],
        opslimit: input["opslimit"],
        parallelism: input["parallelism"],
        salt: bytes(input["salt"]),
      });
      expect(toHex(encode(TrustedPasswordAlgorithm, algorithm))).toBe(expected["msgpack"]);
    }
  });

  test("untrusted: 1 entry", () => {
    const entries = entriesOf("UntrustedPasswordAlgorithm.msgpack");
    expect(entries).toHaveLength(1);
    for (const { input, expected } of entries) {
      const algorithm = decode(UntrustedPasswordAlgorithm, bytes(expected["msgpack"]));
      expect(algorithm).toEqual({
        type: input["type"],
        memlimitKb: input["memlimit_kb"],
        opslimit: input["opslimit"],
        parallelism: input["parallelism"],
      });
      expect(toHex(encode(UntrustedPasswordAlgorithm, algorithm))).toBe(expected["msgpack"]);
    }
  });
});

function idOf<Id>(kind: { parse(text: string): Id | undefined }, text: unknown): Id {
  const id = kind.parse(String(text));
  if (id === undefined) throw new Error("the vector holds a bad id");
  return id;
}

describe("bearer tokens", () => {
  test.each(entriesOf("AuthenticatedToken"))("$name", ({ input, expected }) => {
    const signingKey = SigningKey.fromBytes(bytes(input["signing_key"]));
    const deviceId = idOf(DeviceId, input["device_id"]);
    expect(createDeviceToken(deviceId, signingKey, DateTime.fromSeconds(Number(input["timestamp_seconds"])))).toBe(
      expected["token"],
    );
    const parsed = parseDeviceToken(String(expected["token"]));
    expect(parsed).toMatchObject({ id: deviceId, seconds: input["timestamp_seconds"] });
    expect(parsed && verifyDeviceToken(parsed, signingKey.verifyKey)).toBe(true);
  });

  test.each(entriesOf("AccountAuthenticationToken"))("$name", ({ input, expected }) => {
    const macKey = SecretKey.fromBytes(bytes(input["mac_key"]));
    const id = idOf(AccountAuthMethodId, input["auth_method_id"]);
    expect(createAccountToken(id, macKey, DateTime.fromSeconds(Number(input["timestamp_seconds"])))).toBe(
      expected["token"],
    );
    const parsed = parseAccountToken(String(expected["token"]));
    expect(parsed).toMatchObject({ id, seconds: input["timestamp_seconds"] });
    expect(parsed && verifyAccountToken(parsed, macKey)).toBe(true);
  });
});

describe("Shamir recovery", () => {
  test.each(entriesOf("ShamirRecoverySecret.from_shares"))("$name", ({ input, expected }) => {
    const shares = [input["shares"]].flat().map((share) => ShamirShare.fromBytes(bytes(share)));
    const secret = combineShamirRecoverySecret(shares, Number(input["threshold"]));
    expect(toHex(secret.dataKey.toBytes())).toBe(expected["data_key"]);
    expect(secret.revealToken).toBe(expected["reveal_token"]);
  });

  const author = idOf(DeviceId, "de10a11cec0010000000000000000000");
  const timestamp = DateTime.fromMicros(1_577_836_800_000_000);

  test.each(entriesOf("ShamirRecoveryShareData.decrypt_verify_and_load_for"))("$name", ({ input, expected }) => {
    const open = () =>
      openShamirRecoveryShareData(
        bytes(input["encrypted"]),
        PrivateKey.fromBytes(bytes(input["recipient_private_key"])),
        VerifyKey.fromBytes(bytes(input["author_verify_key"])),
        { author, timestamp },
      );
    if (expected["error"] !== undefined) {
      expect(open).toThrow(expect.objectContaining({ code: "DATA_INTEGRITY" }));
      return;
    }
    const { value } = open();
    expect(value.author).toBe(expected["author"]);
    expect(String(value.timestamp)).toBe(expected["timestamp_micros"]);
    const count = Number(expected["weighted_share_count"]);
    const shares = expected["weighted_share"] ?? Array.from({ length: count }, () => expected["weighted_share_each"]);
    expect(value.weightedShare.map((share) => toHex(share.toBytes()))).toEqual(shares);
  });
});
