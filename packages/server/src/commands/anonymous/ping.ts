import { anonymousPing } from "@parsec/protocol";
import { anonymous } from "../handler.ts";

/** Only in debug mode (spec 08a §1.6). */
export const anonymousPingHandler = anonymous(anonymousPing).inTransaction(async (_scope, { ping }) => ({
  status: "ok",
  pong: ping,
}));
