import type { Session, UserInfo } from "@parsec/client";
import { DateTime, HumanHandle, type UserId, UserProfile } from "@parsec/types";
import { UsageError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import type { OutputRecord } from "../output.ts";
import { chooseUser, withSession } from "../session.ts";

export function list(invocation: Invocation): Promise<void> {
  return withSession(invocation, async (session) => {
    for (const user of session.users.list({ skipRevoked: !invocation.flag("all") })) {
      invocation.output.tell(userRecord(user), userLine(user));
    }
  });
}

export function info(invocation: Invocation): Promise<void> {
  return withUser(invocation, async (session, id) => {
    const user = session.users.get(id);
    if (user === undefined) return;
    const devices = session.users.devicesOf(id);
    const told = devices.map((device) => ({ id: device.id, label: device.label, purpose: device.purpose }));
    const lines = told.map((device) => `  ${device.id}  ${device.label}  ${device.purpose}`);
    invocation.output.tell({ ...userRecord(user), devices: told }, [userLine(user), ...lines]);
  });
}

export function revoke(invocation: Invocation): Promise<void> {
  return withUser(invocation, async (session, id) => {
    await session.users.revoke(id, { signal: invocation.signal });
    // Their roles are taken away, and new keys are made, at once: nobody else may come by for long.
    await session.maintain({ signal: invocation.signal });
    invocation.output.report({ type: "revoked", id }, `${invocation.operand("user")} is revoked`);
  });
}

export function profile(invocation: Invocation): Promise<void> {
  const wanted = invocation.operand("profile").toUpperCase();
  const chosen = UserProfile.values.find((value) => value === wanted);
  if (chosen === undefined) throw new UsageError(`${wanted} is none of ${UserProfile.values.join(", ")}`);
  return withUser(invocation, async (session, id) => {
    await session.users.updateProfile(id, chosen, { signal: invocation.signal });
    invocation.output.report(
      { type: "profile", id, profile: chosen },
      `${invocation.operand("user")} is ${chosen} now`,
    );
  });
}

function withUser(invocation: Invocation, work: (session: Session, id: UserId) => Promise<void>): Promise<void> {
  return withSession(invocation, (session) => work(session, chooseUser(session, invocation.operand("user"))));
}

function userLine(user: UserInfo): string {
  const end = user.revokedOn === undefined ? "" : `  revoked ${DateTime.formatRfc3339(user.revokedOn)}`;
  return `${user.id}  ${user.profile.padEnd(8)}  ${HumanHandle.display(user.humanHandle)}${end}`;
}

function userRecord({ id, humanHandle, profile, createdOn, revokedOn }: UserInfo): OutputRecord {
  const { email, label } = humanHandle;
  const revoked = revokedOn === undefined ? null : DateTime.formatRfc3339(revokedOn);
  return { type: "user", id, email, label, profile, createdOn: DateTime.formatRfc3339(createdOn), revokedOn: revoked };
}
