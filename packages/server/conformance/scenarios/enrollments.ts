import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PrivateKey, SigningKey } from "@parsec/crypto";
import {
  type AcceptPayloadSignature,
  anonymousPing,
  asyncEnrollmentAccept,
  asyncEnrollmentCancel,
  asyncEnrollmentInfo,
  asyncEnrollmentList,
  asyncEnrollmentReject,
  asyncEnrollmentSubmit,
  type SubmitPayloadSignature,
} from "@parsec/protocol";
import {
  AsyncEnrollmentId,
  DeviceLabel,
  dumpAsyncEnrollmentAcceptPayload,
  dumpAsyncEnrollmentSubmitPayload,
  type HumanHandle,
} from "@parsec/types";
import { type Actor, freshActor, freshHandle, userCertificates } from "../support/actor.ts";
import { expectStatus, type TestOrganization } from "../support/organization.ts";
import { controlledScenario, scenario } from "../support/scenario.ts";
import { longAgo } from "./users.ts";

const openBao: SubmitPayloadSignature = {
  type: "OPEN_BAO",
  signature: "vault:v1:AAAA",
  submitterOpenbaoEntityId: "entity",
};
const acceptOpenBao: AcceptPayloadSignature = {
  type: "OPEN_BAO",
  signature: "vault:v1:AAAA",
  accepterOpenbaoEntityId: "entity",
};

function pki(leaf: Uint8Array, intermediates: readonly Uint8Array[] = []): SubmitPayloadSignature {
  return {
    type: "PKI",
    signature: new Uint8Array([1]),
    algorithm: "RSASSA-PSS-SHA256",
    submitterDerX509Certificate: leaf,
    intermediateDerX509Certificates: intermediates,
  };
}

function acceptPki(leaf: Uint8Array, intermediates: readonly Uint8Array[] = []): AcceptPayloadSignature {
  return {
    type: "PKI",
    signature: new Uint8Array([1]),
    algorithm: "RSASSA-PSS-SHA256",
    accepterDerX509Certificate: leaf,
    intermediateDerX509Certificates: intermediates,
  };
}

function submitPayload(handle: HumanHandle): Uint8Array {
  return dumpAsyncEnrollmentSubmitPayload({
    type: "async_enrollment_submit_payload",
    verifyKey: SigningKey.generate().verifyKey,
    publicKey: PrivateKey.generate().publicKey,
    requestedDeviceLabel: DeviceLabel.parse("laptop"),
    requestedHumanHandle: handle,
  });
}

interface SubmitOptions {
  readonly id?: AsyncEnrollmentId;
  readonly force?: boolean;
  readonly payload?: Uint8Array;
  readonly signature?: SubmitPayloadSignature;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks to join the organization. */
export async function submit(org: TestOrganization, handle = freshHandle(), options: SubmitOptions = {}) {
  const enrollmentId = options.id ?? AsyncEnrollmentId.generate();
  const fields = {
    enrollmentId,
    force: options.force ?? false,
    submitPayload: options.payload ?? submitPayload(handle),
    submitPayloadSignature: options.signature ?? openBao,
  };
  const reply = await org.sendAnonymously(asyncEnrollmentSubmit, fields, { headers: options.headers ?? {} });
  return { reply, enrollmentId };
}

/** Two self-signed certificates, made with openssl. */
function certificates(): readonly [Uint8Array, Uint8Array] {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    const make = (name: string) => {
      const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, `${name}.der`), "-outform", "DER"];
      const subject = ["-subj", `/CN=${name}`];
      execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...files, ...subject], {
        stdio: "ignore",
      });
      return new Uint8Array(readFileSync(join(folder, `${name}.der`)));
    };
    return [make("one"), make("two")];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const enrollmentScenarios = [
  scenario("async_enrollment_submit, _info, _cancel, _list, _reject", async (target) => {
    const org = await target.organization();
    const { alice } = org;
    const bob = await org.addUser();
    const [one, two] = certificates();
    const handle = freshHandle();
    const { reply, enrollmentId } = await submit(org, handle);
    expectStatus(reply, "ok");
    expectStatus((await submit(org, handle, { payload: new Uint8Array([1]) })).reply, "invalid_submit_payload");
    const notDer = { signature: pki(new Uint8Array([1])) };
    expectStatus((await submit(org, handle, notDer)).reply, "invalid_der_x509_certificate");
    const unused = { signature: pki(one, [two]) };
    expectStatus((await submit(org, handle, unused)).reply, "invalid_x509_trustchain");
    expectStatus((await submit(org, freshHandle(), { id: enrollmentId })).reply, "id_already_used");
    expectStatus((await submit(org, bob.handle)).reply, "email_already_enrolled");
    const already = (await submit(org, handle)).reply;
    expectStatus(already, "email_already_submitted");
    assert.equal(already.submittedOn, reply.submittedOn);
    const forced = await submit(org, handle, { force: true, signature: pki(one, [one]) });
    expectStatus(forced.reply, "ok");

    const info = (id: AsyncEnrollmentId) => org.sendAnonymously(asyncEnrollmentInfo, { enrollmentId: id });
    expectStatus(await info(AsyncEnrollmentId.generate()), "enrollment_not_found");
    const replaced = await info(enrollmentId);
    expectStatus(replaced, "ok");
    assert.equal(replaced.enrollmentStatus, "CANCELLED");
    const listed = await org.send(alice, asyncEnrollmentList, {});
    expectStatus(listed, "ok");
    assert.deepEqual(
      listed.enrollments.map((each) => each.enrollmentId),
      [forced.enrollmentId],
    );
    expectStatus(await org.send(bob, asyncEnrollmentList, {}), "author_not_allowed");

    const cancel = (id: AsyncEnrollmentId) => org.sendAnonymously(asyncEnrollmentCancel, { enrollmentId: id });
    const reject = (author: Actor, id: AsyncEnrollmentId) =>
      org.send(author, asyncEnrollmentReject, { enrollmentId: id });
    expectStatus(await cancel(AsyncEnrollmentId.generate()), "enrollment_not_found");
    expectStatus(await cancel(enrollmentId), "enrollment_no_longer_available");
    expectStatus(await reject(bob, forced.enrollmentId), "author_not_allowed");
    expectStatus(await reject(alice, AsyncEnrollmentId.generate()), "enrollment_not_found");
    expectStatus(await reject(alice, enrollmentId), "enrollment_no_longer_available");
    expectStatus(await reject(alice, forced.enrollmentId), "ok");
    const rejected = await info(forced.enrollmentId);
    expectStatus(rejected, "ok");
    assert.equal(rejected.enrollmentStatus, "REJECTED");
    const last = await submit(org);
    expectStatus(await cancel(last.enrollmentId), "ok");
    expectStatus(await org.sendAnonymously(anonymousPing, { ping: "x" }), "ok");
  }),

  controlledScenario("async_enrollment_accept", async (target) => {
    const org = await target.organization({ active_users_limit: 3 });
    const { alice } = org;
    const bob = await org.addUser();
    const [one, two] = certificates();
    const { enrollmentId } = await submit(org);
    const withPki = await submit(org, freshHandle(), { signature: pki(one) });
    const accept = (
      changes: {
        id?: AsyncEnrollmentId;
        author?: Actor;
        actor?: Actor;
        timestamp?: typeof longAgo;
        payload?: Uint8Array;
        signature?: AcceptPayloadSignature;
        sendEmail?: boolean;
        broken?: boolean;
      } = {},
    ) => {
      const { author = alice, actor = freshActor(), timestamp = org.now() } = changes;
      const signer =
        changes.broken === true ? { key: SigningKey.generate(), author: author.deviceId } : org.signer(author);
      const made = userCertificates(actor, signer, { timestamp, profile: "STANDARD" });
      const payload = dumpAsyncEnrollmentAcceptPayload({
        type: "async_enrollment_accept_payload",
        userId: actor.userId,
        deviceId: actor.deviceId,
        deviceLabel: DeviceLabel.parse("laptop"),
        humanHandle: actor.handle,
        profile: "STANDARD",
        rootVerifyKey: org.rootKey.verifyKey,
      });
      return org.send(author, asyncEnrollmentAccept, {
        enrollmentId: changes.id ?? enrollmentId,
        submitterUserCertificate: made.userCertificate,
        submitterDeviceCertificate: made.deviceCertificate,
        submitterRedactedUserCertificate: made.redactedUserCertificate,
        submitterRedactedDeviceCertificate: made.redactedDeviceCertificate,
        acceptPayload: changes.payload ?? payload,
        acceptPayloadSignature: changes.signature ?? acceptOpenBao,
        ...(changes.sendEmail === undefined ? {} : { sendEmail: changes.sendEmail }),
      });
    };
    expectStatus(await accept({ author: bob }), "author_not_allowed");
    expectStatus(await accept({ id: AsyncEnrollmentId.generate() }), "enrollment_not_found");
    expectStatus(await accept({ signature: acceptPki(one) }), "submit_and_accept_identity_systems_mismatch");
    expectStatus(await accept({ payload: new Uint8Array([1]) }), "invalid_accept_payload");
    const id = withPki.enrollmentId;
    expectStatus(await accept({ id, signature: acceptPki(new Uint8Array([1])) }), "invalid_der_x509_certificate");
    expectStatus(await accept({ id, signature: acceptPki(one, [two]) }), "invalid_x509_trustchain");
    expectStatus(await accept({ broken: true }), "invalid_certificate");
    expectStatus(await accept({ timestamp: longAgo }), "timestamp_out_of_ballpark");
    const before = org.now();
    await org.addDevice(bob);
    expectStatus(await accept({ timestamp: before }), "require_greater_timestamp");
    expectStatus(await accept({ actor: freshActor(bob.handle) }), "human_handle_already_taken");
    expectStatus(await accept({ actor: freshActor(undefined, bob.userId) }), "user_already_exists");
    await target.controls.fail({ kind: "mail", count: 1 });
    const accepted = await accept({ sendEmail: true });
    expectStatus(accepted, "ok");
    assert.equal(accepted.emailSent, "SERVER_UNAVAILABLE");
    expectStatus(await accept(), "enrollment_no_longer_available");
    expectStatus(await accept({ id, signature: acceptPki(one) }), "active_users_limit_reached");
    const info = await org.sendAnonymously(asyncEnrollmentInfo, { enrollmentId });
    expectStatus(info, "ok");
    assert.equal(info.enrollmentStatus, "ACCEPTED");
  }),
];
