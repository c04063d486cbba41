import type { Handler } from "../handler.ts";
import { anonymousServerPingHandler } from "./ping.ts";
import { serverConfigHandler } from "./server-config.ts";

/** The commands of the family. */
export const anonymousServerHandlers: readonly Handler<null>[] = [
  anonymousServerPingHandler,
  serverConfigHandler,
];
