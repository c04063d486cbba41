import { Bytes, type Infer, list, PkiSignatureAlgorithm, Str, taggedUnion } from "@parsec/types";

/** The accepter's signature of an accept payload: by a smart card with its certificate chain, or by OpenBao. */
export const AcceptPayloadSignature = /* @__PURE__ */ taggedUnion("type", {
  PKI: {
    signature: Bytes,
    algorithm: PkiSignatureAlgorithm,
    accepterDerX509Certificate: Bytes,
    intermediateDerX509Certificates: /* @__PURE__ */ list(Bytes),
  },
  OPEN_BAO: { signature: Str, accepterOpenbaoEntityId: Str },
});
export type AcceptPayloadSignature = Infer<typeof AcceptPayloadSignature>;

/** The submitter's signature of a submit payload: by a smart card with its certificate chain, or by OpenBao. */
export const SubmitPayloadSignature = /* @__PURE__ */ taggedUnion("type", {
  PKI: {
    signature: Bytes,
    algorithm: PkiSignatureAlgorithm,
    submitterDerX509Certificate: Bytes,
    intermediateDerX509Certificates: /* @__PURE__ */ list(Bytes),
  },
  OPEN_BAO: { signature: Str, submitterOpenbaoEntityId: Str },
});
export type SubmitPayloadSignature = Infer<typeof SubmitPayloadSignature>;
