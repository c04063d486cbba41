import { randomBytes } from "@parsec/base";
import { PrivateKey } from "@parsec/crypto";

/** Bytes of the nonce of each side. The peer's may have any size (spec 09b §3.4). */
const nonceSize = 64;

/** What one side of a greeting draws by lot, anew for each attempt. Recorded greetings are replayed with theirs. */
export interface GreetingSecrets {
  privateKey(): PrivateKey;
  nonce(): Uint8Array;
}

export const freshSecrets: GreetingSecrets = {
  privateKey: () => PrivateKey.generate(),
  nonce: () => randomBytes(nonceSize),
};
