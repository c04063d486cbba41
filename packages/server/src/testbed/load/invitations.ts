import { AccessToken, EmailAddress } from "@parsec/types";
import { jsonParsed } from "../../http/json-fields.ts";
import { emitInvitation } from "../../rules/invitation.ts";
import type { InvitationTarget } from "../../store/port/invitations.ts";
import {
  authorOf,
  jsonUserId,
  type LoadContext,
  LoadError,
  type LoadOperation,
  optionalAuthorOf,
  timestampOf,
} from "./context.ts";

const jsonToken = jsonParsed(AccessToken.parse);

export const inviteNewUser: LoadOperation = async (context) => {
  const claimerEmail = context.fields.required("claimer_email", jsonParsed(EmailAddress.parse));
  await loadInvitation(context, { type: "USER", claimerEmail });
};

export const inviteNewDevice: LoadOperation = async (context) => {
  await loadInvitation(context, { type: "DEVICE", claimer: (await authorOf(context)).userId });
};

export const inviteNewShamirRecovery: LoadOperation = async (context) => {
  const { tx, organizationId, fields } = context;
  const claimer = fields.required("claimer_user_id", jsonUserId);
  const setup = await tx.shamir.findActive(organizationId, claimer);
  if (setup === undefined) throw new LoadError("The claimer has no shamir recovery setup");
  await loadInvitation(context, { type: "SHAMIR_RECOVERY", claimer, setupCreatedOn: setup.createdOn });
};

async function loadInvitation(context: LoadContext, target: InvitationTarget): Promise<void> {
  const { tx, organizationId, fields } = context;
  const token = fields.required("token", jsonToken);
  const author = await authorOf(context);
  if ((await tx.invitations.find(organizationId, token)) !== undefined) {
    throw new LoadError("The invitation exists already");
  }
  const createdOn = timestampOf(context);
  await tx.invitations.insert(organizationId, { token, target, createdBy: author.deviceId, createdOn, ended: null });
  await emitInvitation({ tx, organizationId }, { token, target }, "PENDING");
}

export const inviteCancel: LoadOperation = async (context) => await endInvitation(context, "CANCELLED");
export const inviteComplete: LoadOperation = async (context) => await endInvitation(context, "FINISHED");

async function endInvitation(context: LoadContext, reason: "CANCELLED" | "FINISHED"): Promise<void> {
  const { tx, organizationId, fields } = context;
  const token = fields.required("token", jsonToken);
  const by = await optionalAuthorOf(context);
  const invitation = await tx.invitations.find(organizationId, token);
  if (invitation === undefined) throw new LoadError("The invitation does not exist");
  await tx.invitations.setEnded(organizationId, token, { on: timestampOf(context), reason, by });
  await emitInvitation({ tx, organizationId }, invitation, reason);
}
