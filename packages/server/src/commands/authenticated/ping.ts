import { ping } from "@parsec/protocol";
import { authenticated } from "../handler.ts";

/** Spec 08b §5.9. Only in debug mode. */
export const pingHandler = authenticated(ping).inTransaction(async ({ tx, organizationId }, request) => {
  tx.emit({ type: "PINGED", organizationId, ping: request.ping });
  return { status: "ok", pong: request.ping };
});
