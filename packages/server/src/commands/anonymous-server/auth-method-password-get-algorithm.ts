import { defaultPasswordParameters } from "@parsec/crypto";
import { authMethodPasswordGetAlgorithm } from "@parsec/protocol";
import { anonymousServer } from "../handler.ts";

/** Spec 08b §2.6. An e-mail without account gets the parameters that a new account would have. */
export const authMethodPasswordGetAlgorithmHandler = anonymousServer(authMethodPasswordGetAlgorithm).inTransaction(
  async ({ tx }, { email }) => {
    const password = await tx.accounts.activePasswordMethod(email);
    return { status: "ok", passwordAlgorithm: password?.passwordAlgorithm ?? defaultPasswordParameters };
  },
);
