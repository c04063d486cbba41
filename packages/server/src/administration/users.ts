import {
  AccessToken,
  type EmailAddress,
  formatAddress,
  formatRedirection,
  type OrganizationId,
  type UserId,
} from "@parsec/types";
import type { ServerContext } from "../context.ts";
import type { MailOutcome } from "../mail/port.ts";
import { sendMessage } from "../mail/send.ts";
import type { Transaction } from "../store/port/store.ts";
import type { UserRow } from "../store/port/users.ts";
import { AdministrationError } from "./error.ts";
import { existingOrganization } from "./organizations.ts";

/** How an administrator names a user: by exactly one of the two. */
export interface UserChoice {
  readonly userId?: UserId | undefined;
  readonly email?: EmailAddress | undefined;
}

/** Spec 08c §1.4. Freezing closes the user's streams. @throws AdministrationError */
export async function freezeUser(
  server: ServerContext,
  organizationId: OrganizationId,
  choice: UserChoice,
  frozen: boolean,
): Promise<UserRow> {
  return await server.store.transaction(async (tx) => {
    await existingOrganization(tx, organizationId);
    const user = await chosenUser(tx, organizationId, choice);
    await tx.users.setFrozen(organizationId, user.userId, frozen);
    if (frozen) tx.emit({ type: "USER_REVOKED_OR_FROZEN", organizationId, userId: user.userId });
    return { end: "commit", value: { ...user, frozen } };
  });
}

export interface TotpReset {
  readonly user: UserRow;
  readonly url: string;
  readonly urlAsRedirection: string;
  readonly emailSentStatus: Exclude<MailOutcome, "SENT"> | "SENT_AS_REQUESTED" | "NOT_SENT_AS_REQUESTED";
}

/** Spec 08c §1.4. @throws AdministrationError */
export async function resetTotp(
  server: ServerContext,
  organizationId: OrganizationId,
  choice: UserChoice,
  { sendEmail }: { readonly sendEmail: boolean },
): Promise<TotpReset> {
  const { serverAddress } = server.config;
  if (serverAddress === null) throw new AdministrationError(400, "The server has no address to make a link from");
  const token = AccessToken.generate();
  const user = await server.store.transaction(async (tx) => {
    await existingOrganization(tx, organizationId);
    const found = await chosenUser(tx, organizationId, choice);
    const { userId } = found;
    await tx.totp.putSetup(organizationId, userId, { completed: false, secret: null, resetToken: token });
    for (const key of await tx.totp.keysOfUser(organizationId, userId)) {
      await tx.totp.putKey(organizationId, { ...key, failedAttempts: 0, lastFailedAttempt: null });
    }
    return { end: "commit", value: found };
  });
  const address = { ...serverAddress, kind: "totp_reset", organizationId, userId: user.userId, token } as const;
  const [url, urlAsRedirection] = [formatAddress(address), formatRedirection(address)];
  if (!sendEmail) return { user, url, urlAsRedirection, emailSentStatus: "NOT_SENT_AS_REQUESTED" };
  const message = { about: "totp_reset", organization: organizationId, url: urlAsRedirection } as const;
  const outcome = await sendMessage(server, user.humanHandle.email, message);
  return { user, url, urlAsRedirection, emailSentStatus: outcome === "SENT" ? "SENT_AS_REQUESTED" : outcome };
}

async function chosenUser(tx: Transaction, organizationId: OrganizationId, choice: UserChoice): Promise<UserRow> {
  const user = await findUser(tx, organizationId, choice);
  if (user === undefined) throw new AdministrationError(404, "User not found");
  if (user.revocation !== null) throw new AdministrationError(404, "User has been revoked");
  return user;
}

async function findUser(tx: Transaction, organizationId: OrganizationId, { userId, email }: UserChoice) {
  if (userId !== undefined && email !== undefined) {
    throw new AdministrationError(400, "Both `user_id` and `user_email` fields are provided");
  }
  if (userId !== undefined) return await tx.users.find(organizationId, userId);
  if (email !== undefined) return await tx.users.findActiveByEmail(organizationId, email);
  throw new AdministrationError(400, "Missing either `user_id` or `user_email` field");
}
