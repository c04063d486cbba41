import { Bytes, HashDigestCodec, type Infer, PublicKeyCodec, taggedUnion } from "@parsec/types";

/** What the greeter gives in each step. The value of step 5 is `5` on the wire, unlike its siblings (spec 05 §5.4). */
export const GreeterStep = /* @__PURE__ */ taggedUnion("step", {
  NUMBER_0_WAIT_PEER: { publicKey: PublicKeyCodec },
  NUMBER_1_GET_HASHED_NONCE: {},
  NUMBER_2_SEND_NONCE: { greeterNonce: Bytes },
  NUMBER_3_GET_NONCE: {},
  NUMBER_4_WAIT_PEER_TRUST: {},
  "5": {},
  NUMBER_6_GET_PAYLOAD: {},
  NUMBER_7_SEND_PAYLOAD: { greeterPayload: Bytes },
  NUMBER_8_WAIT_PEER_ACKNOWLEDGMENT: {},
});
export type GreeterStep = Infer<typeof GreeterStep>;

/** What the claimer gives in each step. */
export const ClaimerStep = /* @__PURE__ */ taggedUnion("step", {
  NUMBER_0_WAIT_PEER: { publicKey: PublicKeyCodec },
  NUMBER_1_SEND_HASHED_NONCE: { hashedNonce: HashDigestCodec },
  NUMBER_2_GET_NONCE: {},
  NUMBER_3_SEND_NONCE: { claimerNonce: Bytes },
  NUMBER_4_SIGNIFY_TRUST: {},
  NUMBER_5_WAIT_PEER_TRUST: {},
  NUMBER_6_SEND_PAYLOAD: { claimerPayload: Bytes },
  NUMBER_7_GET_PAYLOAD: {},
  NUMBER_8_ACKNOWLEDGE: {},
});
export type ClaimerStep = Infer<typeof ClaimerStep>;
