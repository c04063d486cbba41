import type { PrivateKey, PublicKey, SecretKey } from "@parsec/crypto";
import { InvitationError } from "../errors.ts";

/**
 * The key that both sides share. Each side passes the role of its *peer*, as every Parsec client does: on the wire the
 * greeter's public key comes first in the hash (spec 09b §3.4).
 * @throws InvitationError SHARED_SECRET_CORRUPTED for a key of small order
 */
export function sharedSecret(own: PrivateKey, peer: PublicKey, peerRole: "CLAIMER" | "GREETER"): SecretKey {
  try {
    return own.sharedSecretKey(peer, peerRole);
  } catch (cause) {
    throw new InvitationError("SHARED_SECRET_CORRUPTED", { cause });
  }
}
