import { type Infer, literals } from "@parsec/types";

/** How the sending of an e-mail went. The operation is done whatever it says; `SUCCESS` also when none was asked for. */
export const EmailSentStatus = /* @__PURE__ */ literals(["SUCCESS", "SERVER_UNAVAILABLE", "RECIPIENT_REFUSED"]);
export type EmailSentStatus = Infer<typeof EmailSentStatus>;
