import { accountPing } from "@parsec/protocol";
import { authenticatedAccount } from "../handler.ts";

/** Only in debug mode (spec 08a §1.6). */
export const accountPingHandler = authenticatedAccount(accountPing).inTransaction(async (_scope, { ping }) => ({
  status: "ok",
  pong: ping,
}));
