import { EmailAddress, UserId } from "@parsec/types";
import { existingOrganization } from "../administration/organizations.ts";
import { freezeUser, resetTotp, type UserChoice } from "../administration/users.ts";
import type { UserRow } from "../store/port/users.ts";
import { organizationRoute } from "./administration-route.ts";
import { type JsonFields, jsonBool, jsonParsed } from "./json-fields.ts";
import { jsonResponse } from "./response.ts";

// Spec 08c §1.4.

export const listUsersRoute = organizationRoute(async (server, organizationId) => {
  const users = await server.store.transaction(async (tx) => {
    await existingOrganization(tx, organizationId);
    return { end: "commit", value: await tx.users.list(organizationId) };
  });
  return jsonResponse(200, { users: users.filter(({ revocation }) => revocation === null).map(userJson) });
});

export const freezeUserRoute = organizationRoute(async (server, organizationId, fields) => {
  const frozen = fields.required("frozen", jsonBool);
  return jsonResponse(200, userJson(await freezeUser(server, organizationId, userChoice(fields), frozen)));
});

export const resetTotpRoute = organizationRoute(async (server, organizationId, fields) => {
  const sendEmail = fields.optional("send_email", jsonBool) ?? false;
  const reset = await resetTotp(server, organizationId, userChoice(fields), { sendEmail });
  return jsonResponse(200, {
    user_id: reset.user.userId,
    user_email: reset.user.humanHandle.email,
    totp_reset_url: reset.url,
    totp_reset_url_as_http_redirection: reset.urlAsRedirection,
    email_sent_status: reset.emailSentStatus,
  });
});

function userChoice(fields: JsonFields): UserChoice {
  return {
    userId: fields.optional("user_id", jsonParsed(UserId.parse)),
    email: fields.optional("user_email", jsonParsed(EmailAddress.parse)),
  };
}

function userJson({ userId, humanHandle, frozen }: UserRow) {
  return { user_id: userId, user_email: humanHandle.email, user_name: humanHandle.label, frozen };
}
