import { accountInfo } from "@parsec/protocol";
import { authenticatedAccount } from "../handler.ts";

/** Spec 08b §3. */
export const accountInfoHandler = authenticatedAccount(accountInfo).inTransaction(async ({ account }) => ({
  status: "ok",
  humanHandle: account.humanHandle,
}));
