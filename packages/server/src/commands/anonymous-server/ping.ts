import { anonymousServerPing } from "@parsec/protocol";
import { anonymousServer } from "../handler.ts";

/** Only in debug mode (spec 08a §1.6). */
export const anonymousServerPingHandler = anonymousServer(anonymousServerPing).inTransaction(
  async (_scope, { ping }) => ({ status: "ok", pong: ping }),
);
