import { ParsecError } from "@parsec/base";
import { VerifyKey } from "@parsec/crypto";
import { asyncEnrollmentAccept } from "@parsec/protocol";
import { formatRedirection, loadAsyncEnrollmentAcceptPayload, shownHumanHandle } from "@parsec/types";
import { emailSentStatus, sendMessage } from "../../mail/send.ts";
import { storedAcceptSignature } from "../../rules/enrollment.ts";
import { checkNewUser, emailTaken, enrollUser, idsTaken, limitReached } from "../../rules/new-user.ts";
import { notGreater } from "../../rules/timestamp.ts";
import { badX509Chain } from "../../rules/x509-chain.ts";
import { authenticated } from "../handler.ts";
import { isReply } from "../reply.ts";

/** Spec 08b §5.10. The mail is sent once all is done. */
export const asyncEnrollmentAcceptHandler = authenticated(asyncEnrollmentAccept).inSteps(async (call, request) => {
  const accepted = await call.transaction(async (scope) => {
    const { tx, organizationId, author, now } = scope;
    const { enrollmentId } = request;
    if (author.user.currentProfile !== "ADMIN") return { status: "author_not_allowed" } as const;
    await tx.lock(organizationId, "common", "write");
    const enrollment = await tx.enrollments.find(organizationId, enrollmentId);
    if (enrollment === undefined) return { status: "enrollment_not_found" } as const;
    if (enrollment.state.status !== "SUBMITTED") return { status: "enrollment_no_longer_available" } as const;
    const signature = storedAcceptSignature(request.acceptPayloadSignature);
    if (signature.type !== enrollment.signature.type) {
      return { status: "submit_and_accept_identity_systems_mismatch" } as const;
    }
    if (!isAcceptPayload(request.acceptPayload)) return { status: "invalid_accept_payload" } as const;
    const badChain = signature.type === "PKI" ? badX509Chain(signature.leaf, signature.intermediates) : undefined;
    if (badChain !== undefined) return badChain;

    const certificates = {
      userCertificate: request.submitterUserCertificate,
      deviceCertificate: request.submitterDeviceCertificate,
      redactedUserCertificate: request.submitterRedactedUserCertificate,
      redactedDeviceCertificate: request.submitterRedactedDeviceCertificate,
    };
    const signer = { key: VerifyKey.fromBytes(author.device.verifyKey), author: author.device.deviceId };
    const checked = checkNewUser(scope, signer, certificates);
    if (isReply(checked)) return checked;
    const { timestamp } = checked.user;
    const older = await notGreater(scope, timestamp, ["common"]);
    if (older !== undefined) return older;
    const refusal =
      (await limitReached(scope)) ?? (await emailTaken(scope, checked)) ?? (await idsTaken(scope, checked));
    if (refusal !== undefined) return refusal;

    await enrollUser(scope, checked, certificates);
    const payload = request.acceptPayload;
    await tx.enrollments.setState(organizationId, enrollmentId, { status: "ACCEPTED", on: now, payload, signature });
    tx.emit({ type: "COMMON_CERTIFICATE", organizationId, timestamp });
    tx.emit({ type: "ASYNC_ENROLLMENT", organizationId });
    return { organizationId, handle: shownHumanHandle(checked.user) };
  });
  if (isReply(accepted)) return accepted;
  if (request.sendEmail !== true) return { status: "ok", emailSent: "SUCCESS" };

  const { organizationId, handle } = accepted;
  const { serverAddress } = call.server.config;
  if (serverAddress === null) return { status: "ok", emailSent: "SERVER_UNAVAILABLE" };
  const url = formatRedirection({ ...serverAddress, kind: "server" });
  const message = { about: "enrollment_accepted", organization: organizationId, user: handle.label, url } as const;
  return { status: "ok", emailSent: emailSentStatus(await sendMessage(call.server, handle.email, message)) };
});

function isAcceptPayload(bytes: Uint8Array): boolean {
  try {
    loadAsyncEnrollmentAcceptPayload(bytes);
    return true;
  } catch (error) {
    if (ParsecError.is(error)) return false;
    throw error;
  }
}
