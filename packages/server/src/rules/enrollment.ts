import type { AcceptPayloadSignature, SubmitPayloadSignature } from "@parsec/protocol";
import type { EnrollmentRow, EnrollmentSignature } from "../store/port/enrollments.ts";

/** A submitter's signature as stored. */
export function storedSubmitSignature(signature: SubmitPayloadSignature): EnrollmentSignature {
  if (signature.type === "OPEN_BAO") {
    return { type: "OPEN_BAO", signature: signature.signature, entityId: signature.submitterOpenbaoEntityId };
  }
  return {
    type: "PKI",
    signature: signature.signature,
    algorithm: signature.algorithm,
    leaf: signature.submitterDerX509Certificate,
    intermediates: signature.intermediateDerX509Certificates,
  };
}

/** A submitter's signature as replies give it. */
export function submitSignature({ signature }: EnrollmentRow): SubmitPayloadSignature {
  if (signature.type === "OPEN_BAO") {
    return { type: "OPEN_BAO", signature: signature.signature, submitterOpenbaoEntityId: signature.entityId };
  }
  return {
    type: "PKI",
    signature: signature.signature,
    algorithm: signature.algorithm,
    submitterDerX509Certificate: signature.leaf,
    intermediateDerX509Certificates: signature.intermediates,
  };
}

/** An accepter's signature as stored. */
export function storedAcceptSignature(signature: AcceptPayloadSignature): EnrollmentSignature {
  if (signature.type === "OPEN_BAO") {
    return { type: "OPEN_BAO", signature: signature.signature, entityId: signature.accepterOpenbaoEntityId };
  }
  return {
    type: "PKI",
    signature: signature.signature,
    algorithm: signature.algorithm,
    leaf: signature.accepterDerX509Certificate,
    intermediates: signature.intermediateDerX509Certificates,
  };
}

/** An accepter's signature as replies give it. */
export function acceptSignature(signature: EnrollmentSignature): AcceptPayloadSignature {
  if (signature.type === "OPEN_BAO") {
    return { type: "OPEN_BAO", signature: signature.signature, accepterOpenbaoEntityId: signature.entityId };
  }
  return {
    type: "PKI",
    signature: signature.signature,
    algorithm: signature.algorithm,
    accepterDerX509Certificate: signature.leaf,
    intermediateDerX509Certificates: signature.intermediates,
  };
}
