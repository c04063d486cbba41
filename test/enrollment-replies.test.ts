import type { Session } from "@parsec/client";
import {
  asyncEnrollmentAccept,
  asyncEnrollmentInfo,
  asyncEnrollmentReject,
  asyncEnrollmentSubmit,
} from "@parsec/protocol";
import { DateTime, encode } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  EnrollmentWorld,
  type Newcomer,
  newcomer,
  onlyRequestOf,
  sessionBefore,
  submitTo,
} from "./support/enrollment-world.ts";

// Every answer of a server to an enrollment is an error of its own, and leaves everything as it was.

let world: EnrollmentWorld;
let admin: Session;
let bob: Newcomer;

beforeAll(async () => {
  world = await EnrollmentWorld.start();
});
beforeEach(async () => {
  admin = await world.newAdmin();
  bob = await newcomer();
});
afterAll(() => world.close());

const bobs = () => world.certified(world.bobKey);
const admins = () => world.certified(world.adminKey);

describe("a request", () => {
  const submittedOn = DateTime.fromSeconds(1_000);

  test.each([
    [{ status: "email_already_enrolled" }, { code: "EMAIL_ALREADY_ENROLLED" }],
    [
      { status: "email_already_submitted", submittedOn },
      { code: "EMAIL_ALREADY_SUBMITTED", submittedOn },
    ],
    [{ status: "invalid_x509_trustchain" }, { code: "CERTIFICATE_REFUSED" }],
    [{ status: "invalid_submit_payload" }, { code: "UNEXPECTED_REPLY" }],
    [{ status: "invalid_submit_payload_signature" }, { code: "UNEXPECTED_REPLY" }],
    [{ status: "invalid_der_x509_certificate" }, { code: "UNEXPECTED_REPLY" }],
  ] as const)("is answered %o", async (reply, error) => {
    bob.tampers["async_enrollment_submit"] = () => encode(asyncEnrollmentSubmit.reply, reply);
    await expect(submitTo(admin, bob, bobs())).rejects.toMatchObject(error);
    // Keys are thrown away when the server itself refuses them, and for nothing that the protocol does not foresee.
    const kept = await bob.parsec.enrollments.list();
    expect(kept).toHaveLength(error.code === "UNEXPECTED_REPLY" ? 1 : 0);
    delete bob.tampers["async_enrollment_submit"];
    // The request did arrive.
    const pending = await submitTo(admin, bob, bobs(), true);
    expect(await bob.parsec.enrollments.list()).toHaveLength(kept.length + 1);
    expect((await onlyRequestOf(admin)).enrollmentId).toBe(pending.enrollmentId);
  });
});

describe("an acceptance", () => {
  test.each([
    ["author_not_allowed", "NOT_ALLOWED"],
    ["enrollment_not_found", "ENROLLMENT_NOT_FOUND"],
    ["enrollment_no_longer_available", "ENROLLMENT_NO_LONGER_AVAILABLE"],
    ["active_users_limit_reached", "ACTIVE_USERS_LIMIT_REACHED"],
    ["human_handle_already_taken", "HUMAN_HANDLE_TAKEN"],
    ["invalid_x509_trustchain", "CERTIFICATE_REFUSED"],
    ["user_already_exists", "UNEXPECTED_REPLY"],
    ["invalid_certificate", "UNEXPECTED_REPLY"],
    ["invalid_accept_payload", "UNEXPECTED_REPLY"],
    ["invalid_accept_payload_signature", "UNEXPECTED_REPLY"],
    ["submit_and_accept_identity_systems_mismatch", "UNEXPECTED_REPLY"],
    ["invalid_der_x509_certificate", "UNEXPECTED_REPLY"],
  ] as const)("is answered %s", async (status, code) => {
    const other = await newcomer();
    const session = await sessionBefore(admin, other);
    await submitTo(admin, bob, bobs());
    const request = await onlyRequestOf(session);
    other.tampers["async_enrollment_accept"] = () => encode(asyncEnrollmentAccept.reply, { status });
    await expect(request.accept({ identity: admins(), profile: "STANDARD" })).rejects.toMatchObject({ code });
  });
});

test.each([
  ["author_not_allowed", "NOT_ALLOWED"],
  ["enrollment_not_found", "ENROLLMENT_NOT_FOUND"],
  ["enrollment_no_longer_available", "ENROLLMENT_NO_LONGER_AVAILABLE"],
] as const)("a rejection is answered %s", async (status, code) => {
  const other = await newcomer();
  const session = await sessionBefore(admin, other);
  await submitTo(admin, bob, bobs());
  const request = await onlyRequestOf(session);
  other.tampers["async_enrollment_reject"] = "lose_request";
  await expect(request.reject()).rejects.toMatchObject({ code: "OFFLINE" });
  other.tampers["async_enrollment_reject"] = () => encode(asyncEnrollmentReject.reply, { status });
  await expect(request.reject()).rejects.toMatchObject({ code });
});

test("what is not accepted, or not known, is not completed: the keys stay", async () => {
  const pending = await submitTo(admin, bob, bobs());
  expect(await bob.parsec.enrollments.status(pending)).toEqual({
    status: "SUBMITTED",
    submittedOn: expect.any(Number),
  });
  const complete = () => bob.parsec.enrollments.complete(pending, bobs());
  await expect(complete()).rejects.toMatchObject({ code: "ENROLLMENT_NOT_ACCEPTED" });
  bob.tampers["async_enrollment_info"] = () => encode(asyncEnrollmentInfo.reply, { status: "enrollment_not_found" });
  await expect(complete()).rejects.toMatchObject({ code: "ENROLLMENT_NOT_FOUND" });
  await expect(bob.parsec.enrollments.status(pending)).rejects.toMatchObject({ code: "ENROLLMENT_NOT_FOUND" });
  bob.tampers["async_enrollment_info"] = "lose_request";
  await expect(complete()).rejects.toMatchObject({ code: "OFFLINE" });
  expect(await bob.parsec.enrollments.list()).toEqual([pending]);
  await expect(
    bob.parsec.enrollments.complete({ ...pending, path: "async_enrollments/none.pending" }, bobs()),
  ).rejects.toMatchObject({ code: "INVALID_PATH" });
  expect(admin.enrollments.links.link).toMatch(/^parsec3:\/\/[^/]+\/Enroll\d+\?(?:no_ssl=true&)?a=async_enrollment/);
});
