import { eventsListen } from "@parsec/protocol";
import { authenticated } from "../handler.ts";

/** Events come over the event stream only: as a command they are not available (spec 08a §1.6). */
export const eventsListenHandler = authenticated(eventsListen).inTransaction(async () => ({
  status: "not_available",
}));
