import { orAbort, requireArgument, requireMethods, requireObject, requireText } from "@parsec/base";
import { listPendingEnrollments, type PendingEnrollment, removePendingEnrollment } from "@parsec/device";
import { type AddressOf, type DateTime, DeviceLabel, parseAddressInAnyForm } from "@parsec/types";
import { requireAddress, requireId, requireOptions } from "../arguments.ts";
import type { UnsavedDevice } from "../devices/unsaved-device.ts";
import type { ParsecPorts } from "../ports.ts";
import type { EnrollmentReference, fetchStatus } from "./complete-enrollment.ts";
import type { EnrollmentIdentity } from "./identity.ts";

export interface EnrollmentOptions {
  readonly signal?: AbortSignal | undefined;
}

/** How an enrollment stands. */
export type EnrollmentStatus =
  | { readonly status: "SUBMITTED"; readonly submittedOn: DateTime }
  | { readonly status: "CANCELLED"; readonly submittedOn: DateTime; readonly cancelledOn: DateTime }
  | { readonly status: "REJECTED"; readonly submittedOn: DateTime; readonly rejectedOn: DateTime }
  | { readonly status: "ACCEPTED"; readonly submittedOn: DateTime; readonly acceptedOn: DateTime };

export interface SubmitEnrollment {
  readonly deviceLabel: string;
  /** `x509Identity` or `openBaoIdentity`; the same is needed to complete the enrollment. */
  readonly identity: EnrollmentIdentity;
  /** Cancels a request of the same e-mail address that waits already. False by default. */
  readonly replace?: boolean | undefined;
}

/**
 * How somebody becomes a user without meeting an administrator: a third party vouches for both (spec 09b §7). This is
 * the side of who wants in; administrators have `session.enrollments`.
 */
export class Enrollments {
  readonly #ports: ParsecPorts;

  /** @internal */
  constructor(ports: ParsecPorts) {
    this.#ports = ports;
  }

  /**
   * Asks to be enrolled. The keys wait on disk, among those of {@link list}, before the server is asked: after an error
   * of the connection {@link status} tells whether it knows of them.
   * @throws SubmitEnrollmentError, AddressError, DeviceLabelError
   */
  async submit(
    address: string | AddressOf<"async_enrollment">,
    request: SubmitEnrollment,
    options: EnrollmentOptions = {},
  ): Promise<PendingEnrollment> {
    requireAddress(address, "async_enrollment");
    requireObject("request", request);
    requireText("deviceLabel", request.deviceLabel);
    requireIdentity(request.identity);
    const { identity, replace = false } = request;
    requireArgument("replace", replace, "true or false", typeof replace === "boolean");
    requireOptions(options);
    const deviceLabel = DeviceLabel.parse(request.deviceLabel);
    const parsed = typeof address === "string" ? parseAddressInAnyForm("async_enrollment", address) : address;
    const { submitEnrollment } = await orAbort(import("./submit-enrollment.ts"), options.signal);
    return submitEnrollment(this.#ports, parsed, { identity, deviceLabel, replace }, options);
  }

  /** What was submitted from here and not completed. @throws DeviceError STORAGE_NOT_AVAILABLE */
  list(): Promise<readonly PendingEnrollment[]> {
    return listPendingEnrollments(this.#ports.deviceStore);
  }

  /** @throws EnrollmentError ENROLLMENT_NOT_FOUND; ConnectionError, UnexpectedReplyError */
  async status(enrollment: EnrollmentReference, options: EnrollmentOptions = {}): Promise<EnrollmentStatus> {
    requireReference(enrollment);
    requireOptions(options);
    const { fetchStatus } = await orAbort(import("./complete-enrollment.ts"), options.signal);
    return statusOf(await fetchStatus(this.#ports, enrollment, options));
  }

  /**
   * Makes the device of an enrollment that was accepted. It is safe on disk; `save` gives it its protection, and ends
   * the enrollment. Called again after an interruption it goes on with the same device.
   * @throws CompleteEnrollmentError
   */
  async complete(
    enrollment: PendingEnrollment,
    identity: EnrollmentIdentity,
    options: EnrollmentOptions = {},
  ): Promise<UnsavedDevice> {
    requirePending(enrollment);
    requireIdentity(identity);
    requireOptions(options);
    const { completeEnrollment } = await orAbort(import("./complete-enrollment.ts"), options.signal);
    return completeEnrollment(this.#ports, enrollment, identity, options);
  }

  /**
   * Takes the request back. One that was accepted meanwhile keeps its keys: the user exists by then.
   * @throws EnrollmentError ENROLLMENT_ALREADY_ACCEPTED; ConnectionError, UnexpectedReplyError; DeviceError
   */
  async cancel(enrollment: PendingEnrollment, options: EnrollmentOptions = {}): Promise<void> {
    requirePending(enrollment);
    requireOptions(options);
    const { cancelEnrollment } = await orAbort(import("./cancel-enrollment.ts"), options.signal);
    await cancelEnrollment(this.#ports, enrollment, options);
    return this.forget(enrollment);
  }

  /**
   * Removes the keys of an enrollment, and tells nobody: if it is accepted, nobody can ever be that user.
   * @throws DeviceError STORAGE_NOT_AVAILABLE, INVALID_PATH
   */
  async forget(enrollment: PendingEnrollment): Promise<void> {
    requirePending(enrollment);
    await removePendingEnrollment(this.#ports.deviceStore, enrollment.path);
  }
}

function statusOf(reply: Awaited<ReturnType<typeof fetchStatus>>): EnrollmentStatus {
  const { submittedOn } = reply;
  switch (reply.enrollmentStatus) {
    case "SUBMITTED":
      return { status: reply.enrollmentStatus, submittedOn };
    case "CANCELLED":
      return { status: reply.enrollmentStatus, submittedOn, cancelledOn: reply.cancelledOn };
    case "REJECTED":
      return { status: reply.enrollmentStatus, submittedOn, rejectedOn: reply.rejectedOn };
    case "ACCEPTED":
      return { status: reply.enrollmentStatus, submittedOn, acceptedOn: reply.acceptedOn };
  }
}

function requireReference(enrollment: unknown): void {
  requireObject("enrollment", enrollment);
  requireObject("enrollment.serverUrl", Reflect.get(enrollment, "serverUrl"));
  requireText("enrollment.organizationId", Reflect.get(enrollment, "organizationId"), { filled: true });
  requireId("enrollment.enrollmentId", Reflect.get(enrollment, "enrollmentId"));
}

function requirePending(enrollment: unknown): void {
  requireReference(enrollment);
  requireText("enrollment.path", Reflect.get(Object(enrollment), "path"), { filled: true });
}

/** One of the two ways to say who one is. */
export function requireIdentity(identity: unknown): void {
  requireMethods("identity", identity, "an identity, such as x509Identity(…)", "humanHandle", "sign", "verify");
}
