import { RealmRole } from "@parsec/types";
import { UsageError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { chooseUser, personOf, withWorkspace } from "../session.ts";

export function members(invocation: Invocation): Promise<void> {
  return withWorkspace(invocation, async (workspace, session) => {
    for (const { userId, role } of workspace.members()) {
      const email = session.users.get(userId)?.humanHandle.email;
      const line = `${userId}  ${role.padEnd(11)}  ${personOf(session, userId)}`;
      invocation.output.tell({ type: "member", id: userId, role, email }, line);
    }
  });
}

export function share(invocation: Invocation): Promise<void> {
  const role = RealmRole.values.find((value) => value === invocation.requiredText("role"));
  if (role === undefined) throw new UsageError(`--role is one of ${RealmRole.values.join(", ")}`);
  return withWorkspace(invocation, async (workspace, session) => {
    const id = chooseUser(session, invocation.operand("user"));
    await workspace.share(id, role, { signal: invocation.signal });
    invocation.output.report({ type: "shared", id, role }, `${personOf(session, id)} is ${role} now`);
  });
}

export function unshare(invocation: Invocation): Promise<void> {
  return withWorkspace(invocation, async (workspace, session) => {
    const id = chooseUser(session, invocation.operand("user"));
    await workspace.unshare(id, { signal: invocation.signal });
    invocation.output.report({ type: "unshared", id }, `${personOf(session, id)} has no role any more`);
  });
}
