import { HashDigest, PrivateKey, ready, SecretKey, SigningKey } from "@parsec/crypto";
import {
  AsyncEnrollmentAcceptPayload,
  AsyncEnrollmentSubmitPayload,
  type Codec,
  decode,
  decrypt,
  dumpAsyncEnrollmentLocalPending,
  encode,
  LocalDevice,
  load,
  loadAsyncEnrollmentAcceptPayload,
  loadAsyncEnrollmentCleartextContent,
  loadAsyncEnrollmentLocalPending,
  loadAsyncEnrollmentSubmitPayload,
} from "@parsec/types";
import { beforeAll, expect, test } from "vitest";
import "../../../../test/support/key-equality.ts";
import { bytes, type RecordedData, vectors } from "./support/greeting-vectors.ts";

// The data of the recorded enrollment. Its operations, and the signatures that OpenBao makes, are not in this client yet.

beforeAll(() => ready());

const [enrollment, ...others] = vectors.async_enrollments;
if (enrollment === undefined) throw new Error("no enrollment");

test("there is one enrollment", () => {
  expect(others).toEqual([]);
  expect(enrollment.name).toBe("openbao");
});

test("the pending file opens with the key that the secret store keeps", () => {
  const pending = loadAsyncEnrollmentLocalPending(bytes(enrollment.pending_file));
  expect(loadAsyncEnrollmentLocalPending(dumpAsyncEnrollmentLocalPending(pending))).toEqual(pending);
  const key = SecretKey.fromBytes(bytes(enrollment.openbao_key));
  const digest = HashDigest.of(pending.cleartextContent);
  expect(digest.toBytes()).toEqual(bytes(enrollment.cleartext_content_digest));
  expect(decrypt(key, pending.ciphertextCleartextContentDigest)).toEqual(digest.toBytes());
  expect(decrypt(key, pending.ciphertextSigningKey)).toEqual(bytes(enrollment.signing_key));
  expect(decrypt(key, pending.ciphertextPrivateKey)).toEqual(bytes(enrollment.private_key));
  const device = decode(LocalDevice, bytes(enrollment.device.msgpack));
  expect(loadAsyncEnrollmentCleartextContent(pending.cleartextContent)).toMatchObject({
    organizationId: device.organizationId,
    requestedDeviceLabel: device.deviceLabel,
    requestedHumanHandle: device.humanHandle,
    identitySystem: { type: "OPEN_BAO", openbaoPreferredAuthId: "PRO_CONNECT" },
  });
});

test("the payloads of both sides lead to the device", () => {
  const submitted = loadAsyncEnrollmentSubmitPayload(bytes(enrollment.submit_payload.dump));
  const accepted = loadAsyncEnrollmentAcceptPayload(bytes(enrollment.accept_payload.dump));
  expectSameDocument(AsyncEnrollmentSubmitPayload, enrollment.submit_payload);
  expectSameDocument(AsyncEnrollmentAcceptPayload, enrollment.accept_payload);
  const signingKey = SigningKey.fromBytes(bytes(enrollment.signing_key));
  const privateKey = PrivateKey.fromBytes(bytes(enrollment.private_key));
  expect(submitted).toMatchObject({ verifyKey: signingKey.verifyKey, publicKey: privateKey.publicKey });
  const { userId, deviceId, deviceLabel, humanHandle, profile, rootVerifyKey } = accepted;
  expect(decode(LocalDevice, bytes(enrollment.device.msgpack))).toMatchObject({
    ...{ userId, deviceId, deviceLabel, humanHandle, rootVerifyKey, signingKey, privateKey },
    initialProfile: profile,
  });
});

function expectSameDocument<T>(codec: Codec<T>, recorded: RecordedData): void {
  expect(encode(codec, load(codec, bytes(recorded.dump)))).toEqual(bytes(recorded.msgpack));
}
