import { hashDigestHex, vaultItemUpload } from "@parsec/protocol";
import { authenticatedAccount } from "../handler.ts";

/** Spec 08b §3. */
export const vaultItemUploadHandler = authenticatedAccount(vaultItemUpload).inTransaction(
  async ({ tx, authMethod: { vaultId } }, { itemFingerprint, item }) => {
    const fingerprint = hashDigestHex(itemFingerprint);
    if ((await tx.accounts.items(vaultId)).has(fingerprint)) return { status: "fingerprint_already_exists" };
    await tx.accounts.addItem(vaultId, fingerprint, item);
    return { status: "ok" };
  },
);
