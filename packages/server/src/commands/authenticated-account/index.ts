import type { Handler } from "../handler.ts";
import type { AccountCaller } from "../scope.ts";
import { accountPingHandler } from "./ping.ts";

/** The commands of the family. */
export const authenticatedAccountHandlers: readonly Handler<AccountCaller>[] = [
  accountPingHandler,
];
