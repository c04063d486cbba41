import { generateSasCodes, HashDigest, PrivateKey, PublicKey, ready, SecretKey, VerifyKey } from "@parsec/crypto";
import { loadDevice, memoryDeviceStore, password } from "@parsec/device";
import {
  type AnyCommand,
  inviteClaimerStartGreetingAttempt,
  inviteClaimerStep,
  inviteComplete,
  inviteGreeterStartGreetingAttempt,
  inviteGreeterStep,
} from "@parsec/protocol";
import {
  AccessToken,
  type Codec,
  decode,
  decrypt,
  dump,
  encode,
  InviteDeviceConfirmation,
  InviteDeviceData,
  type InvitePayload,
  InviteShamirRecoveryConfirmation,
  InviteShamirRecoveryData,
  InviteUserConfirmation,
  InviteUserData,
  LocalDevice,
  load,
  parseAddress,
  SignedCertificate,
  unsecureLoadCertificate,
  verifyCertificate,
} from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import "../../../../test/support/key-equality.ts";
import { sharedSecret } from "../../src/invitations/greeting/shared-secret.ts";
import { bytes, type RecordedData, type RecordedGreeting, vectors } from "./support/greeting-vectors.ts";

beforeAll(() => ready());

const payloads: Readonly<Record<string, Codec<InvitePayload>>> = {
  invite_user_data: InviteUserData,
  invite_user_confirmation: InviteUserConfirmation,
  invite_device_data: InviteDeviceData,
  invite_device_confirmation: InviteDeviceConfirmation,
  invite_shamir_recovery_data: InviteShamirRecoveryData,
  invite_shamir_recovery_confirmation: InviteShamirRecoveryConfirmation,
};

const messages: Readonly<Record<string, AnyCommand>> = {
  invite_greeter_start_greeting_attempt: inviteGreeterStartGreetingAttempt,
  invite_claimer_start_greeting_attempt: inviteClaimerStartGreetingAttempt,
  invite_complete: inviteComplete,
};

/** Decodes and encodes back: the same bytes. */
function expectSameBytes<T>(codec: Codec<T>, recorded: string): T {
  const value = decode(codec, bytes(recorded));
  expect(encode(codec, value)).toEqual(bytes(recorded));
  return value;
}

/** The same, within its container, whose compression is free. */
function expectSameDocument<T>(codec: Codec<T>, recorded: RecordedData): T {
  const value = load(codec, bytes(recorded.dump));
  expect(value).toEqual(expectSameBytes(codec, recorded.msgpack));
  expect(load(codec, dump(codec, value))).toEqual(value);
  return value;
}

test("there are eight greetings, five of them with the reference client", () => {
  expect(vectors.greetings).toHaveLength(8);
  expect(vectors.greetings.filter(({ source }) => source.includes("reference command line"))).toHaveLength(5);
});

describe.each(vectors.greetings)("the greeting $name", (greeting: RecordedGreeting) => {
  const sharedKey = () => SecretKey.fromBytes(bytes(greeting.shared_secret_key));

  test("shared key, from each side whose private key is known", () => {
    const greeterKey = PublicKey.fromBytes(bytes(greeting.greeter_public_key));
    const claimerKey = PublicKey.fromBytes(bytes(greeting.claimer_public_key));
    const { greeter_private_key: greeter, claimer_private_key: claimer } = greeting;
    const found = [
      ...(greeter === null ? [] : [sharedSecret(PrivateKey.fromBytes(bytes(greeter)), claimerKey, "CLAIMER")]),
      ...(claimer === null ? [] : [sharedSecret(PrivateKey.fromBytes(bytes(claimer)), greeterKey, "GREETER")]),
    ];
    expect(found.length).toBeGreaterThan(0);
    for (const key of found) expect(key).toEqual(sharedKey());
  });

  test("nonces and codes", () => {
    const [claimer, greeter] = [bytes(greeting.claimer_nonce), bytes(greeting.greeter_nonce)];
    expect(HashDigest.of(claimer).toBytes()).toEqual(bytes(greeting.hashed_nonce));
    expect(sharedKey().mac512(new Uint8Array([...claimer, ...greeter]))).toEqual(bytes(greeting.sas_mac));
    expect(generateSasCodes(claimer, greeter, sharedKey())).toEqual({
      claimerSas: greeting.claimer_sas,
      greeterSas: greeting.greeter_sas,
    });
  });

  test("messages", () => {
    expect(greeting.steps).toHaveLength(9);
    for (const { greeter, claimer } of greeting.steps) {
      expectSameBytes(inviteGreeterStep.request, greeter.request);
      expectSameBytes(inviteGreeterStep.reply, greeter.reply);
      expectSameBytes(inviteClaimerStep.request, claimer.request);
      expectSameBytes(inviteClaimerStep.reply, claimer.reply);
    }
    for (const [name, { request, reply }] of Object.entries(greeting.other_messages)) {
      const command = messages[name];
      if (command === undefined) throw new Error(`an unknown message ${name}`);
      expectSameBytes(command.request, request);
      expectSameBytes(command.reply, reply);
    }
  });

  test("payloads", () => {
    for (const payload of [greeting.claimer_payload, greeting.greeter_payload]) {
      const codec = payloads[payload.content.type];
      if (codec === undefined) throw new Error(`an unknown payload ${payload.content.type}`);
      expectSameDocument(codec, payload);
      expect(decrypt(sharedKey(), bytes(payload.encrypted))).toEqual(bytes(payload.dump));
    }
  });

  test("certificates, signed by the device of the greeter", () => {
    const certificates = Object.entries(greeting.certificates ?? {});
    expect(certificates).toHaveLength({ USER: 4, DEVICE: 2, SHAMIR_RECOVERY: 0 }[greeting.kind]);
    const authorKey = VerifyKey.fromBytes(bytes(greeting.greeter_device.verify_key));
    for (const [, certificate] of certificates) {
      const value = expectSameDocument(SignedCertificate, certificate);
      expect(verifyCertificate(unsecureLoadCertificate(bytes(certificate.signed)), authorKey).value).toEqual(value);
    }
  });

  test("devices of both sides, and the address", async () => {
    const { greeter_device: greeter, claimer_device: claimer, claimer_device_file: file } = greeting;
    for (const recorded of claimer === undefined ? [greeter] : [greeter, claimer]) {
      const { signingKey, privateKey } = expectSameBytes(LocalDevice, recorded.msgpack);
      expect(signingKey.verifyKey.toBytes()).toEqual(bytes(recorded.verify_key));
      expect(privateKey.publicKey.toBytes()).toEqual(bytes(recorded.public_key));
    }
    const { token } = parseAddress("invitation", greeting.invitation_address);
    expect(token).toBe(AccessToken.fromBytes(bytes(greeting.invitation_token)));
    if (file === undefined || claimer === undefined) return;
    const store = memoryDeviceStore();
    await store.write("devices/reference.keys", bytes(file.file));
    const opened = await loadDevice(store, "devices/reference.keys", password(file.password));
    expect(opened).toEqual(decode(LocalDevice, bytes(claimer.msgpack)));
  });
});
