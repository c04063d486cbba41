import { hasCode } from "@parsec/base";
import { type CancelledGreetingAttemptReason, type Codec, type InvitePayload, openInvitePayload } from "@parsec/types";
import { InvitationError } from "../errors.ts";
import { type AnyAttempt, cancelQuietly, type Met } from "./attempt.ts";

/**
 * The peer's payload. When it cannot be read, the attempt is cancelled with the reason (spec 09b §3.7).
 * @throws InvitationError PEER_PAYLOAD_CORRUPTED
 */
export async function readPayload<T extends InvitePayload>(
  { attempt, sharedKey }: Pick<Met<AnyAttempt>, "attempt" | "sharedKey">,
  codec: Codec<T>,
  encrypted: Uint8Array,
): Promise<T> {
  try {
    return openInvitePayload(codec, encrypted, sharedKey);
  } catch (cause) {
    cancelQuietly(attempt, reasonOf(cause));
    throw new InvitationError("PEER_PAYLOAD_CORRUPTED", { cause });
  }
}

function reasonOf(error: unknown): CancelledGreetingAttemptReason {
  if (hasCode(error, "DECRYPTION")) return "UNDECIPHERABLE_PAYLOAD";
  return hasCode(error, "BAD_SERIALIZATION") ? "UNDESERIALIZABLE_PAYLOAD" : "INCONSISTENT_PAYLOAD";
}
