import { Bytes, Index } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Proves the web application to the smart card web service of the desktop, and the other way round (spec 05 §13.5). */
export const scwsServiceMutualChallenges = /* @__PURE__ */ command(
  "anonymous_server",
  "scws_service_mutual_challenges",
  () => ({
    request: {
      scwsServiceChallengePayload: Bytes,
      scwsServiceChallengeSignature: Bytes,
      scwsServiceChallengeKeyId: Index,
      webApplicationChallengePayload: Bytes,
    },
    replies: {
      ok: { webApplicationChallengeSignature: Bytes },
      not_available: {},
      unknown_scws_service_challenge_key_id: {},
      invalid_scws_service_challenge_signature: {},
      invalid_web_application_challenge_payload: {},
    },
  }),
);
export type ScwsServiceMutualChallengesRequest = RequestOf<typeof scwsServiceMutualChallenges>;
export type ScwsServiceMutualChallengesReply = ReplyOf<typeof scwsServiceMutualChallenges>;
