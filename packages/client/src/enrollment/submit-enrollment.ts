import { orAbort, ParsecError } from "@parsec/base";
import { PrivateKey, SigningKey } from "@parsec/crypto";
import { type PendingEnrollment, removePendingEnrollment, savePendingEnrollment } from "@parsec/device";
import { asyncEnrollmentInfo, asyncEnrollmentSubmit, type FieldsOf } from "@parsec/protocol";
import {
  type AddressOf,
  AsyncEnrollmentId,
  DateTime,
  type DeviceLabel,
  dumpAsyncEnrollmentSubmitPayload,
  toServerAddress,
} from "@parsec/types";
import { connectAnonymously } from "../devices/connect-as.ts";
import { withKeyInAdvance } from "../devices/key-in-advance.ts";
import { UnexpectedReplyError } from "../errors.ts";
import type { ParsecPorts } from "../ports.ts";
import { EmailAlreadySubmittedError, EnrollmentError } from "./errors.ts";
import type { EnrollmentIdentity, PayloadSignature } from "./identity.ts";

export interface Submission {
  readonly identity: EnrollmentIdentity;
  readonly deviceLabel: DeviceLabel;
  /** Cancel a request of the same e-mail address that waits already. */
  readonly replace: boolean;
}

/**
 * Asks to be enrolled (spec 09b §7.3). Unlike the reference, the keys are on disk before the server is asked: none is
 * accepted whose keys are lost.
 * @throws SubmitEnrollmentError
 */
export async function submitEnrollment(
  ports: ParsecPorts,
  address: AddressOf<"async_enrollment">,
  { identity, deviceLabel, replace }: Submission,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<PendingEnrollment> {
  const { clock, deviceStore, diagnostics } = ports;
  const humanHandle = await orAbort(identity.humanHandle(), signal);
  const keys = { signingKey: SigningKey.generate(), privateKey: PrivateKey.generate() };
  const submitPayload = dumpAsyncEnrollmentSubmitPayload({
    type: "async_enrollment_submit_payload",
    verifyKey: keys.signingKey.verifyKey,
    publicKey: keys.privateKey.publicKey,
    requestedDeviceLabel: deviceLabel,
    requestedHumanHandle: humanHandle,
  });
  const signature = await orAbort(identity.sign(submitPayload, { at: DateTime.now(clock), signal }), signal);
  const protection = await withKeyInAdvance(identity.protection, { signal });
  const request = {
    serverUrl: toServerAddress(address),
    organizationId: address.organizationId,
    enrollmentId: AsyncEnrollmentId.generate(),
    requestedDeviceLabel: deviceLabel,
    requestedHumanHandle: humanHandle,
  };
  const save = (submittedOn: DateTime) =>
    savePendingEnrollment(deviceStore, { ...request, submittedOn }, keys, protection, { signal });

  const pending = await save(DateTime.now(clock));
  const fields = {
    enrollmentId: request.enrollmentId,
    force: replace,
    submitPayload,
    submitPayloadSignature: submitSignature(signature),
  };
  const submittedOn = await ask(ports, address, fields, { signal }).catch(async (error: unknown) => {
    // The server's own word: nobody will ever accept these keys. After anything else the file waits.
    if (error instanceof EnrollmentError) await removePendingEnrollment(deviceStore, pending.path);
    throw error;
  });
  await save(submittedOn).catch((error: unknown) => {
    // All is there but the server's date, which only tells.
    const code = ParsecError.is(error) ? error.code : "UNKNOWN";
    diagnostics({ area: "client", event: "enrollment_date_not_saved", fields: { code } });
  });
  return { ...pending, submittedOn };
}

/** @throws EnrollmentError, ConnectionError, UnexpectedReplyError */
async function ask(
  ports: ParsecPorts,
  address: AddressOf<"async_enrollment">,
  fields: FieldsOf<typeof asyncEnrollmentSubmit>,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<DateTime> {
  const connection = connectAnonymously(ports, address);
  const reply = await connection.send(asyncEnrollmentSubmit, fields, options);
  switch (reply.status) {
    case "ok":
      return reply.submittedOn;
    case "email_already_submitted":
      throw new EmailAlreadySubmittedError(reply.submittedOn);
    case "email_already_enrolled":
      throw new EnrollmentError("EMAIL_ALREADY_ENROLLED");
    case "invalid_x509_trustchain":
      throw new EnrollmentError("CERTIFICATE_REFUSED");
    case "id_already_used": {
      // Something on the way has sent the request twice: the id is random, so it is this one.
      const info = await connection.send(asyncEnrollmentInfo, { enrollmentId: fields.enrollmentId }, options);
      if (info.status === "ok") return info.submittedOn;
      throw new UnexpectedReplyError("async_enrollment_submit", reply.status);
    }
    default:
      throw new UnexpectedReplyError("async_enrollment_submit", reply.status);
  }
}

type SubmitSignature = FieldsOf<typeof asyncEnrollmentSubmit>["submitPayloadSignature"];

function submitSignature(signed: PayloadSignature): SubmitSignature {
  if (signed.type === "OPEN_BAO") {
    const { type, signature, entityId } = signed;
    return { type, signature, submitterOpenbaoEntityId: entityId };
  }
  const { type, signature, algorithm, certificate, intermediates } = signed;
  return {
    ...{ type, signature, algorithm },
    submitterDerX509Certificate: certificate,
    intermediateDerX509Certificates: [...intermediates],
  };
}
