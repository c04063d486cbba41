import { encode } from "@msgpack/msgpack";
import { concatBytes, toBase64, toHex, utf8 } from "@parsec/base";
import {
  HashDigest,
  KeyDerivation,
  PrivateKey,
  PublicKey,
  SecretKey,
  SigningKey,
  splitSigned,
  VerifyKey,
} from "@parsec/crypto";
import { expect } from "vitest";
import type { Compute } from "./crypto-vectors.ts";
import { bytes, type Fields, number, text } from "./fields.ts";

/*
 * Entries about forms that higher packages own (the codecs of types, the tokens of protocol): here, that the keys give
 * and take the bytes inside. The forms themselves are tested there.
 */

interface KeyType {
  fromBytes(bytes: Uint8Array): { toBytes(): Uint8Array };
}

function keyInMsgpack(type: KeyType): Compute {
  return (input) => {
    const raw = bytes(input, "raw");
    const key = type.fromBytes(raw).toBytes();
    return { msgpack: toHex(encode(key)), also_accepted_on_load: toHex(concatBytes(Uint8Array.of(0xda, 0, 32), key)) };
  };
}

const algorithmInMsgpack: Compute = (input) => {
  const salt = "salt" in input ? { salt: bytes(input, "salt") } : {};
  return { msgpack: toHex(encode({ ...input, ...salt })) };
};

const urlBase64 = (value: Uint8Array) => toBase64(value, { urlSafe: true });

/** Opens and verifies the shares of a recovery; what they hold is the business of types. */
function openShareData(input: Fields): Fields {
  const opened = PrivateKey.fromBytes(bytes(input, "recipient_private_key")).openSealed(bytes(input, "encrypted"));
  const message = VerifyKey.fromBytes(bytes(input, "author_verify_key")).verify(opened);
  expect(message).toEqual(splitSigned(opened).message);
  expect(message[0]).toBe(0);
  return {};
}

export const serializedComputations: Readonly<Record<string, Compute>> = {
  "SecretKey.msgpack": keyInMsgpack(SecretKey),
  "KeyDerivation.msgpack": keyInMsgpack(KeyDerivation),
  "PrivateKey.msgpack": keyInMsgpack(PrivateKey),
  "PublicKey.msgpack": keyInMsgpack(PublicKey),
  "SigningKey.msgpack": keyInMsgpack(SigningKey),
  "VerifyKey.msgpack": keyInMsgpack(VerifyKey),
  "HashDigest.msgpack": keyInMsgpack(HashDigest),
  "TrustedPasswordAlgorithm.msgpack": algorithmInMsgpack,
  "UntrustedPasswordAlgorithm.msgpack": algorithmInMsgpack,
  AuthenticatedToken: (input) => {
    const start = `PARSEC-SIGN-ED25519.${text(input, "device_id")}.${number(input, "timestamp_seconds")}`;
    const signature = SigningKey.fromBytes(bytes(input, "signing_key")).signDetached(utf8(start));
    return { token: `${start}.${urlBase64(signature)}` };
  },
  AccountAuthenticationToken: (input) => {
    const start = `PARSEC-MAC-BLAKE2B.${text(input, "auth_method_id")}.${number(input, "timestamp_seconds")}`;
    const mac = SecretKey.fromBytes(bytes(input, "mac_key")).mac512(utf8(start));
    return { token: `${start}.${urlBase64(mac)}` };
  },
  "ShamirRecoveryShareData.decrypt_verify_and_load_for": openShareData,
};
