import { invitedPing } from "@parsec/protocol";
import { invited } from "../handler.ts";

/** Only in debug mode (spec 08a §1.6). */
export const invitedPingHandler = invited(invitedPing).inTransaction(async (_scope, { ping }) => ({
  status: "ok",
  pong: ping,
}));
