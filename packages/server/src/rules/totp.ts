import type { AccessToken, UserId } from "@parsec/types";
import type { OrganizationScope } from "../commands/scope.ts";
import type { TotpSetupRow } from "../store/port/totp.ts";
import { generateTotpSecret, isValidOneTimePassword } from "./one-time-password.ts";

/** The secret of a setup under way: made at the first call, the same afterwards. */
export async function pendingSecret(
  { tx, organizationId }: OrganizationScope,
  userId: UserId,
  setup: TotpSetupRow,
): Promise<Uint8Array> {
  const totpSecret = setup.secret ?? generateTotpSecret();
  if (setup.secret === null) await tx.totp.putSetup(organizationId, userId, { ...setup, secret: totpSecret });
  return totpSecret;
}

/** Ends a setup with a first password, which voids the reset link. */
export async function confirmSetup(
  { tx, organizationId, now }: OrganizationScope,
  userId: UserId,
  { secret }: TotpSetupRow,
  password: string,
) {
  if (secret === null || !isValidOneTimePassword(secret, password, now)) {
    return { status: "invalid_one_time_password" } as const;
  }
  await tx.totp.putSetup(organizationId, userId, { completed: true, secret, resetToken: null });
  return { status: "ok" } as const;
}

/** The setup that a reset link opens; `undefined` for a link that opens nothing (spec 08b §1.5). */
export async function setupOfToken(
  { tx, organizationId }: OrganizationScope,
  userId: UserId,
  token: AccessToken,
): Promise<TotpSetupRow | undefined> {
  const user = await tx.users.find(organizationId, userId);
  if (user === undefined || user.revocation !== null || user.frozen) return undefined;
  const setup = await tx.totp.setup(organizationId, userId);
  return setup.resetToken === token && !setup.completed ? setup : undefined;
}
