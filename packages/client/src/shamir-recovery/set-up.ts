import { requireArgument, requireNatural, requireObject } from "@parsec/base";
import { SecretKey } from "@parsec/crypto";
import { newDeviceOfUser } from "@parsec/device";
import { shamirRecoverySetup } from "@parsec/protocol";
import {
  AccessToken,
  DateTime,
  DeviceLabel,
  type LocalDevice,
  type ShamirRecoveryBriefCertificate,
  type ShamirRecoveryShareCertificate,
  sealLocalDevice,
  sealShamirRecoveryShareData,
  signCertificate,
  splitShamirRecoverySecret,
  type UserId,
} from "@parsec/types";
import { requireId } from "../arguments.ts";
import { isRevokedAt, latest, shamirSetupAt } from "../certificates/at.ts";
import type { CertificateView } from "../certificates/view.ts";
import { registerDevice } from "../devices/register-device.ts";
import { ClientError, UnexpectedReplyError } from "../errors.ts";
import type { SessionContext } from "../session/context.ts";
import { timestampOffset, withGreaterTimestamp } from "../session/greater-timestamp.ts";

export interface RecoveryRequest {
  /** How many shares each recipient gets; together at most 255. */
  readonly sharesByRecipient: ReadonlyMap<UserId, number>;
  /** How many shares are needed. */
  readonly threshold: number;
}

const maxShares = 255;
/** The server's answers may differ from what we know; each time we learn what it knows. */
const maxRefetches = 8;

/**
 * Lets other users give this one back what is lost: a recovery device whose key is shared among them (spec 09a §7.10).
 * @throws SetUpRecoveryError
 */
export async function setUpRecovery(
  context: SessionContext,
  request: RecoveryRequest,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  checkRequest(request, context.device.userId);
  checkPeople(context.certificates.view, request, context.device.userId);
  const now = DateTime.now(context.clock);
  const label = DeviceLabel.parse(`shamir-recovery-${DateTime.formatRfc3339(now)}`);
  const recoveryDevice = newDeviceOfUser(context.device, label);
  const deviceTimestamp = await registerDevice(context, recoveryDevice, "SHAMIR_RECOVERY", options);
  const setupTimestamp = await upload(context, request, recoveryDevice, options);
  await context.certificates.require({ common: deviceTimestamp, shamirRecovery: setupTimestamp }, options);
}

function checkRequest(request: RecoveryRequest, self: UserId): void {
  requireObject("request", request);
  const { sharesByRecipient, threshold } = request;
  requireArgument("sharesByRecipient", sharesByRecipient, "a Map", sharesByRecipient instanceof Map);
  for (const [recipient, shares] of sharesByRecipient) {
    requireId("sharesByRecipient", recipient);
    requireNatural("sharesByRecipient", shares, { min: 1 });
  }
  requireNatural("threshold", threshold, { min: 1 });
  const total = [...sharesByRecipient.values()].reduce((sum, shares) => sum + shares, 0);
  if (sharesByRecipient.has(self)) throw new ClientError("RECIPIENT_IS_SELF");
  if (total < threshold) throw new ClientError("THRESHOLD_TOO_HIGH");
  if (total > maxShares) throw new ClientError("TOO_MANY_SHARES");
}

function checkPeople(view: CertificateView, { sharesByRecipient }: RecoveryRequest, self: UserId): void {
  const setup = shamirSetupAt(view, self, latest);
  if (setup !== undefined && setup.deletion === undefined) throw new ClientError("RECOVERY_ALREADY_SET_UP");
  for (const recipient of sharesByRecipient.keys()) {
    if (view.user(recipient) === undefined) throw new ClientError("RECIPIENT_NOT_FOUND");
    if (isRevokedAt(view, recipient, latest)) throw new ClientError("RECIPIENT_REVOKED");
  }
}

/** Sends the setup of a device that the server has already; gives the date of its certificates. */
async function upload(
  context: SessionContext,
  request: RecoveryRequest,
  recoveryDevice: LocalDevice,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<DateTime> {
  const { certificates, connection, device } = context;
  for (let refetches = 0; ; refetches += 1) {
    const { reply, timestamp } = await withGreaterTimestamp(context, timestampOffset.shamir, (timestamp) =>
      connection.send(shamirRecoverySetup, buildSetup(context, request, recoveryDevice, timestamp), options),
    );
    switch (reply.status) {
      case "ok":
        return timestamp;
      case "recipient_not_found":
        throw new ClientError("RECIPIENT_NOT_FOUND");
      case "revoked_recipient":
        await certificates.require({ common: reply.lastCommonCertificateTimestamp }, options);
        break;
      case "shamir_recovery_already_exists":
        await certificates.require({ shamirRecovery: reply.lastShamirCertificateTimestamp }, options);
        break;
      default:
        throw new UnexpectedReplyError("shamir_recovery_setup", reply.status);
    }
    checkPeople(certificates.view, request, device.userId);
    if (refetches === maxRefetches) throw new UnexpectedReplyError("shamir_recovery_setup", reply.status);
  }
}

/** The brief and one share certificate for each recipient, all of one date; every secret in it is new. */
function buildSetup(
  { certificates: { view }, device }: SessionContext,
  { sharesByRecipient, threshold }: RecoveryRequest,
  recoveryDevice: LocalDevice,
  timestamp: DateTime,
) {
  const dataKey = SecretKey.generate();
  const revealToken = AccessToken.generate();
  const total = [...sharesByRecipient.values()].reduce((sum, shares) => sum + shares, 0);
  const secret = { type: "shamir_recovery_secret", dataKey, revealToken } as const;
  const shares = splitShamirRecoverySecret(secret, { threshold, shares: total });
  const { userId, deviceId: author, signingKey } = device;
  const brief: ShamirRecoveryBriefCertificate = {
    type: "shamir_recovery_brief_certificate",
    author,
    timestamp,
    userId,
    threshold,
    perRecipientShares: sharesByRecipient,
  };
  const shareCertificates = [...sharesByRecipient].map(([recipient, weight]): Uint8Array => {
    const publicKey = view.user(recipient)?.publicKey;
    if (publicKey === undefined) throw new ClientError("RECIPIENT_NOT_FOUND");
    // Dealt in order, each recipient taking its weight (spec 04 §3.4).
    const weightedShare = shares.splice(0, weight);
    const data = { type: "shamir_recovery_share_data", author, timestamp, weightedShare } as const;
    const certificate: ShamirRecoveryShareCertificate = {
      type: "shamir_recovery_share_certificate",
      author,
      timestamp,
      userId,
      recipient,
      cipheredShare: sealShamirRecoveryShareData(publicKey, signingKey, data),
    };
    return signCertificate(signingKey, certificate);
  });
  return {
    cipheredData: sealLocalDevice(dataKey, recoveryDevice),
    revealToken,
    shamirRecoveryBriefCertificate: signCertificate(signingKey, brief),
    shamirRecoveryShareCertificates: shareCertificates,
  };
}
