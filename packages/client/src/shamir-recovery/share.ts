import { ParsecError } from "@parsec/base";
import type { ShamirShare } from "@parsec/crypto";
import { type DateTime, openShamirRecoveryShareData, type UserId } from "@parsec/types";
import { ClientError } from "../errors.ts";
import type { SessionContext } from "../session/context.ts";
import { recoveryStatus } from "./status.ts";

/**
 * The shares that this user holds for another one, of the setup made at `createdOn` (spec 09a §7.10): what a greeter
 * hands over.
 * @throws RecoveryShareError, PollError
 */
export async function recoveryShare(
  { certificates, device }: Pick<SessionContext, "certificates" | "device">,
  userId: UserId,
  createdOn: DateTime,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly ShamirShare[]> {
  const view = await certificates.require({ shamirRecovery: createdOn }, options);
  const status = recoveryStatus(view, userId);
  if (status.status === "never_set_up" || status.createdOn !== createdOn) throw new ClientError("RECOVERY_NOT_FOUND");
  if (status.status === "deleted") throw new ClientError("RECOVERY_DELETED");
  if (status.status === "unusable") throw new ClientError("RECOVERY_UNUSABLE");
  const { createdBy: author } = status;
  const own = view
    .shamirSharesOf(author)
    .find(({ timestamp, recipient }) => timestamp === createdOn && recipient === device.userId);
  const authorDevice = view.device(author);
  if (own === undefined || authorDevice === undefined) throw new ClientError("RECOVERY_NOT_FOUND");
  try {
    const expected = { author, timestamp: createdOn };
    const { privateKey } = device;
    return openShamirRecoveryShareData(own.cipheredShare, privateKey, authorDevice.verifyKey, expected).value
      .weightedShare;
  } catch (cause) {
    if (!ParsecError.is(cause)) throw cause;
    throw new ClientError("RECOVERY_SHARE_CORRUPTED", { cause });
  }
}
