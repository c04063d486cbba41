import {
  AccessToken,
  ShamirRecoveryBriefCertificate,
  ShamirRecoveryDeletionCertificate,
  ShamirRecoveryShareCertificate,
} from "@parsec/types";
import { jsonBytes, jsonList, jsonNullable, jsonParsed } from "../../http/json-fields.ts";
import { unverified } from "../../rules/certificate.ts";
import { authorOf, certificateOf, LoadError, type LoadOperation, mustHaveUser, timestampOf } from "./context.ts";

export const shamirRecoverySetup: LoadOperation = async (context) => {
  const { tx, organizationId, fields } = context;
  timestampOf(context);
  const author = await authorOf(context);
  const brief = certificateOf(context, "shamir_recovery_brief_certificate", ShamirRecoveryBriefCertificate);
  const { userId, timestamp: createdOn, threshold, perRecipientShares } = brief.value;
  await mustHaveUser(context, userId);
  const shares = [];
  for (const item of fields.required("shamir_recovery_share_certificates", jsonList)) {
    const certificate = jsonBytes(item);
    const share = certificate && unverified(ShamirRecoveryShareCertificate, certificate);
    if (certificate === undefined || share === undefined) throw new LoadError("A share certificate cannot be read");
    await mustHaveUser(context, share.recipient);
    shares.push({ recipient: share.recipient, weight: perRecipientShares.get(share.recipient) ?? 0, certificate });
  }
  await tx.shamir.insert(organizationId, {
    userId,
    createdOn,
    author: author.deviceId,
    briefCertificate: brief.bytes,
    revealToken: fields.required("reveal_token", jsonParsed(AccessToken.parse)),
    threshold,
    cipheredData: fields.required("ciphered_data", jsonNullable(jsonBytes)),
    shares,
    deletion: null,
  });
  await tx.topics.advance(organizationId, "shamir_recovery", createdOn);
};

export const shamirRecoveryDelete: LoadOperation = async (context) => {
  const { tx, organizationId } = context;
  timestampOf(context);
  const author = await authorOf(context);
  const { value, bytes } = certificateOf(
    context,
    "shamir_recovery_deletion_certificate",
    ShamirRecoveryDeletionCertificate,
  );
  const { setupToDeleteUserId: userId, setupToDeleteTimestamp: createdOn, timestamp } = value;
  const setup = await tx.shamir.find(organizationId, userId, createdOn);
  if (setup === undefined) throw new LoadError("The shamir recovery setup does not exist");
  const deletion = { on: timestamp, by: author.deviceId, certificate: bytes };
  await tx.shamir.setDeleted(organizationId, userId, createdOn, deletion);
  await tx.topics.advance(organizationId, "shamir_recovery", timestamp);
};
