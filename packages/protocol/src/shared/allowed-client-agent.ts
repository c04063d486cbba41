import { type Infer, literals } from "@parsec/types";

/** Which clients an organization lets in, told by their `User-Agent` (spec 05 §10). */
export const AllowedClientAgent = /* @__PURE__ */ literals(["NATIVE_ONLY", "NATIVE_OR_WEB"]);
export type AllowedClientAgent = Infer<typeof AllowedClientAgent>;
