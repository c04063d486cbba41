import type { EnrollmentIdentity, Session } from "@parsec/client";
import { asyncEnrollmentInfo, asyncEnrollmentList } from "@parsec/protocol";
import {
  DeviceLabel,
  decode,
  dumpAsyncEnrollmentAcceptPayload,
  dumpAsyncEnrollmentSubmitPayload,
  encode,
  loadAsyncEnrollmentAcceptPayload,
  loadAsyncEnrollmentSubmitPayload,
} from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  EnrollmentWorld,
  type Newcomer,
  newcomer,
  newProtection,
  onlyRequestOf,
  sessionBefore,
  submitTo,
} from "./support/enrollment-world.ts";

// Somebody becomes a user without meeting an administrator: a third party vouches for both.

let world: EnrollmentWorld;
let admin: Session;

beforeAll(async () => {
  world = await EnrollmentWorld.start();
});
beforeEach(async () => {
  admin = await world.newAdmin();
});
afterAll(() => world.close());

const submitted = (person: Newcomer, identity: EnrollmentIdentity, replace = false) =>
  submitTo(admin, person, identity, replace);
const onlyRequest = () => onlyRequestOf(admin);

/** Both sides, by either system. */
const systems: readonly (readonly [
  string,
  () => Promise<{ readonly submitter: EnrollmentIdentity; readonly accepter: EnrollmentIdentity }>,
])[] = [
  [
    "certificates",
    async () => ({ submitter: world.certified(world.bobKey), accepter: world.certified(world.adminKey) }),
  ],
  [
    "single sign-on",
    async () => ({
      submitter: await world.signedOn("bob@example.com", "Bob Builder"),
      accepter: await world.signedOn("admin@example.com"),
    }),
  ],
];

describe.each(systems)("%s", (_, identities) => {
  test("from the request to the first login", async () => {
    const { submitter, accepter } = await identities();
    const bob = await newcomer();
    const pending = await submitted(bob, submitter);
    expect(await bob.parsec.enrollments.list()).toEqual([pending]);
    const { submittedOn } = pending;
    expect(await bob.parsec.enrollments.status(pending)).toEqual({ status: "SUBMITTED", submittedOn });
    await expect(bob.parsec.enrollments.complete(pending, submitter)).rejects.toMatchObject({
      code: "ENROLLMENT_NOT_ACCEPTED",
    });

    const request = await onlyRequest();
    expect(request).toMatchObject({
      enrollmentId: pending.enrollmentId,
      submittedOn,
      untrustedDeviceLabel: "tablet",
      untrustedHumanHandle: await submitter.humanHandle(),
      untrustedIdentity: submitter.type === "PKI" ? { type: "PKI", rootCommonName: "Test Root" } : { type: "OPEN_BAO" },
    });
    expect(await request.accept({ identity: accepter, profile: "OUTSIDER" })).toBe("SUCCESS");
    expect(await bob.parsec.enrollments.status(pending)).toMatchObject({ status: "ACCEPTED", submittedOn });
    expect(await admin.enrollments.list()).toEqual([]);

    const unsaved = await bob.parsec.enrollments.complete(pending, submitter);
    const protection = newProtection();
    const device = await unsaved.save(protection);
    expect(await bob.parsec.enrollments.list()).toEqual([]);
    const session = await bob.parsec.login(device.deviceId, protection);
    onTestFinished(() => session.close());
    await session.refresh();
    expect(session.users.self).toMatchObject({
      humanHandle: await submitter.humanHandle(),
      profile: "OUTSIDER",
    });
    expect(session.info.deviceLabel).toBe("tablet");
  });

  test("a rejected and a cancelled one", async () => {
    const { submitter } = await identities();
    const bob = await newcomer();
    const rejected = await submitted(bob, submitter);
    const request = await onlyRequest();
    await request.reject();
    await expect(request.reject()).rejects.toMatchObject({ code: "ENROLLMENT_NO_LONGER_AVAILABLE" });
    expect(await bob.parsec.enrollments.status(rejected)).toMatchObject({ status: "REJECTED" });
    await bob.parsec.enrollments.cancel(rejected);
    const cancelled = await submitted(bob, submitter);
    const shown = await onlyRequest();
    await bob.parsec.enrollments.cancel(cancelled);
    expect(await bob.parsec.enrollments.status(cancelled)).toMatchObject({ status: "CANCELLED" });
    expect(await bob.parsec.enrollments.list()).toEqual([]);
    const { accepter } = await identities();
    await expect(shown.accept({ identity: accepter, profile: "STANDARD" })).rejects.toMatchObject({
      code: "ENROLLMENT_NO_LONGER_AVAILABLE",
    });
  });

  test("what the server changes in a request is not accepted", async () => {
    const { submitter, accepter } = await identities();
    const bob = await newcomer();
    await submitted(bob, submitter);
    const lying = await newcomer();
    // The administrator's own session, before a server that lies about the list.
    const session = await sessionBefore(admin, lying);
    lying.tampers["async_enrollment_list"] = (bytes) => {
      const reply = decode(asyncEnrollmentList.reply, bytes);
      if (reply.status !== "ok") return bytes;
      const enrollments = reply.enrollments.flatMap((item) => {
        const payload = loadAsyncEnrollmentSubmitPayload(item.submitPayload);
        const requestedDeviceLabel = DeviceLabel.parse("hacker");
        const submitPayload = dumpAsyncEnrollmentSubmitPayload({ ...payload, requestedDeviceLabel });
        const unreadable = [new Uint8Array(), Uint8Array.of(0, 1, 2), Uint8Array.of(9), submitPayload.slice(0, -9)];
        return [...unreadable, submitPayload].map((bytes) => ({ ...item, submitPayload: bytes }));
      });
      return encode(asyncEnrollmentList.reply, { ...reply, enrollments });
    };
    const [request, ...others] = await session.enrollments.list();
    expect(others).toEqual([]);
    expect(request?.untrustedDeviceLabel).toBe("hacker");
    await expect(request?.accept({ identity: accepter, profile: "ADMIN" })).rejects.toMatchObject({
      code: "BAD_SUBMIT_PAYLOAD",
      cause: { code: "UNTRUSTED_SIGNATURE" },
    });
  });

  test("what the server changes in an answer is not believed, and loses nothing", async () => {
    const { submitter, accepter } = await identities();
    const bob = await newcomer();
    const pending = await submitted(bob, submitter);
    await (await onlyRequest()).accept({ identity: accepter, profile: "STANDARD" });
    const forgeries: readonly ((payload: Uint8Array) => Uint8Array)[] = [
      (payload) =>
        dumpAsyncEnrollmentAcceptPayload({ ...loadAsyncEnrollmentAcceptPayload(payload), profile: "OUTSIDER" }),
      (payload) => payload.slice(0, -9),
      () => Uint8Array.of(9),
    ];
    for (const forge of forgeries) {
      bob.tampers["async_enrollment_info"] = (bytes) => {
        const reply = decode(asyncEnrollmentInfo.reply, bytes);
        if (reply.status !== "ok" || reply.enrollmentStatus !== "ACCEPTED") return bytes;
        return encode(asyncEnrollmentInfo.reply, { ...reply, acceptPayload: forge(reply.acceptPayload) });
      };
      await expect(bob.parsec.enrollments.complete(pending, submitter)).rejects.toMatchObject({
        code: "BAD_ACCEPT_PAYLOAD",
      });
    }
    expect(await bob.parsec.unconfirmedDevices()).toEqual([]);
    delete bob.tampers["async_enrollment_info"];
    await (await bob.parsec.enrollments.complete(pending, submitter)).save(newProtection());
  });

  test("a lost reply: the keys are there before the server is asked", async () => {
    const { submitter, accepter } = await identities();
    const bob = await newcomer();
    bob.tampers["async_enrollment_submit"] = "lose_reply";
    await expect(submitted(bob, submitter)).rejects.toMatchObject({ code: "OFFLINE" });
    const [pending, ...others] = await bob.parsec.enrollments.list();
    if (pending === undefined) throw new Error("a pending enrollment");
    expect(others).toEqual([]);
    await (await onlyRequest()).accept({ identity: accepter, profile: "STANDARD" });
    const device = await (await bob.parsec.enrollments.complete(pending, submitter)).save(newProtection());
    expect(await bob.parsec.devices()).toMatchObject([{ deviceId: device.deviceId }]);
  });

  test("a request that arrives twice is one", async () => {
    const { submitter } = await identities();
    const bob = await newcomer();
    bob.tampers["async_enrollment_submit"] = "send_twice";
    const pending = await submitted(bob, submitter);
    expect((await onlyRequest()).submittedOn).toBe(pending.submittedOn);
    expect(await bob.parsec.enrollments.list()).toEqual([pending]);
  });

  test("an end between completing and saving: the same device goes on", async () => {
    const { submitter, accepter } = await identities();
    const bob = await newcomer();
    const pending = await submitted(bob, submitter);
    await (await onlyRequest()).accept({ identity: accepter, profile: "STANDARD" });
    const interrupted = await bob.parsec.enrollments.complete(pending, submitter);

    const restarted = await newcomer(bob.deviceStore);
    const again = await restarted.parsec.enrollments.complete(pending, submitter);
    expect(again.deviceId).toBe(interrupted.deviceId);
    const protection = newProtection();
    const device = await again.save(protection);
    expect(await restarted.parsec.unconfirmedDevices()).toEqual([]);
    const session = await restarted.parsec.login(device.deviceId, protection);
    await session.refresh();
    await session.close();
  });

  test("a device that is saved is never made again", async () => {
    const { submitter, accepter } = await identities();
    const bob = await newcomer();
    const pending = await submitted(bob, submitter);
    const kept = await bob.deviceStore.read(pending.path);
    await (await onlyRequest()).accept({ identity: accepter, profile: "STANDARD" });
    const { path } = await (await bob.parsec.enrollments.complete(pending, submitter)).save(newProtection());
    const saved = await bob.deviceStore.read(path);
    // As after an end right before the pending file was removed.
    await bob.deviceStore.write(pending.path, kept);
    await expect(bob.parsec.enrollments.complete(pending, submitter)).rejects.toMatchObject({
      code: "ENROLLMENT_COMPLETED",
    });
    expect(await bob.deviceStore.read(path)).toEqual(saved);
    expect(await bob.parsec.enrollments.list()).toEqual([]);
  });

  test("an accepted one is not cancelled: its keys stay", async () => {
    const { submitter, accepter } = await identities();
    const bob = await newcomer();
    const pending = await submitted(bob, submitter);
    await (await onlyRequest()).accept({ identity: accepter, profile: "STANDARD" });
    await expect(bob.parsec.enrollments.cancel(pending)).rejects.toMatchObject({ code: "ENROLLMENT_ALREADY_ACCEPTED" });
    expect(await bob.parsec.enrollments.list()).toHaveLength(1);
    await bob.parsec.enrollments.forget(pending);
    expect(await bob.parsec.enrollments.list()).toEqual([]);
  });

  test("the same address twice: refused, or in place of the first", async () => {
    const { submitter } = await identities();
    const bob = await newcomer();
    const first = await submitted(bob, submitter);
    await expect(submitted(bob, submitter)).rejects.toMatchObject({
      code: "EMAIL_ALREADY_SUBMITTED",
      submittedOn: first.submittedOn,
    });
    expect(await bob.parsec.enrollments.list()).toEqual([first]);
    const second = await submitted(bob, submitter, true);
    expect(await bob.parsec.enrollments.status(first)).toMatchObject({ status: "CANCELLED" });
    expect((await onlyRequest()).enrollmentId).toBe(second.enrollmentId);
  });
});
