import { Bytes, type Codec, list, literals, Str, taggedUnion } from "@parsec/types";
import type { EnrollmentSignature } from "../../port/enrollments.ts";

/** How a signature is kept: as one value, since the server only gives it back. */
export const EnrollmentSignatureCodec: Codec<EnrollmentSignature> = taggedUnion("type", {
  PKI: {
    signature: Bytes,
    algorithm: literals(["RSASSA-PSS-SHA256"]),
    leaf: Bytes,
    intermediates: list(Bytes),
  },
  OPEN_BAO: { signature: Str, entityId: Str },
});
