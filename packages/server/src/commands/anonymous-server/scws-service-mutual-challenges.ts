import { constants, createPublicKey, privateEncrypt, publicDecrypt } from "node:crypto";
import { equalBytes } from "@parsec/base";
import { scwsServiceMutualChallenges } from "@parsec/protocol";
import { anonymousServer } from "../handler.ts";

/** Both sides sign the raw payload: PKCS#1 v1.5 padding, without hash (spec 08b §2.7). */
const padding = constants.RSA_PKCS1_PADDING;

/** Spec 08b §2.7. */
export const scwsServiceMutualChallengesHandler = anonymousServer(scwsServiceMutualChallenges).inTransaction(
  async ({ server }, request) => {
    const { scws } = server.config;
    if (scws === null) return { status: "not_available" };
    const serviceKey = scws.serviceKeys[request.scwsServiceChallengeKeyId];
    if (serviceKey === undefined || serviceKey.revoked) return { status: "unknown_scws_service_challenge_key_id" };
    const { scwsServiceChallengePayload, scwsServiceChallengeSignature } = request;
    if (!isSigned(serviceKey.pem, scwsServiceChallengePayload, scwsServiceChallengeSignature)) {
      return { status: "invalid_scws_service_challenge_signature" };
    }
    const signature = sign(scws.webApplicationKeyPem, request.webApplicationChallengePayload);
    if (signature === undefined) return { status: "invalid_web_application_challenge_payload" };
    return { status: "ok", webApplicationChallengeSignature: signature };
  },
);

function isSigned(pem: string, payload: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey(pem);
  try {
    return equalBytes(publicDecrypt({ key, padding }, signature), payload);
  } catch {
    return false;
  }
}

/** `undefined` for a payload longer than the key's modulus allows. */
function sign(pem: string, payload: Uint8Array): Uint8Array | undefined {
  try {
    return privateEncrypt({ key: pem, padding }, payload);
  } catch {
    return undefined;
  }
}
