import { defaultPasswordParameters } from "@parsec/crypto";
import { authMethodPasswordGetAlgorithm } from "@parsec/protocol";
import { activeMethods } from "../../rules/account.ts";
import { anonymousServer } from "../handler.ts";

/** Spec 08b §2.6. An e-mail without account gets the parameters that a new account would have. */
export const authMethodPasswordGetAlgorithmHandler = anonymousServer(authMethodPasswordGetAlgorithm).inTransaction(
  async ({ tx }, { email }) => {
    const vault = (await tx.accounts.vaults(email)).at(-1);
    const methods = vault === undefined ? [] : await activeMethods(tx, vault.vaultId);
    const password = methods.find(({ passwordAlgorithm }) => passwordAlgorithm !== null);
    return { status: "ok", passwordAlgorithm: password?.passwordAlgorithm ?? defaultPasswordParameters };
  },
);
