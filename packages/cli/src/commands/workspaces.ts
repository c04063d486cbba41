import { hasCode } from "@parsec/base";
import type { Session } from "@parsec/client";
import { type Arguments, required } from "../arguments.ts";
import { withSession } from "../person.ts";
import type { Shell } from "../shell.ts";

export function workspaces(shell: Shell, args: Arguments): Promise<void> {
  return withSession(shell, args, async (session) => {
    await refresh(shell, session);
    for (const { id, role, name } of session.workspaces.list()) shell.print(`${id}  ${role}  ${name}`);
  });
}

export function createWorkspace(shell: Shell, args: Arguments): Promise<void> {
  const name = required(args.operands[0], "NAME");
  return withSession(shell, args, async (session) => {
    const workspace = await session.workspaces.create(name, { signal: shell.signal });
    await workspace.sync({ signal: shell.signal });
    shell.print(workspace.id);
  });
}

/** Brings the list in step; without network the device shows what it knows. */
async function refresh(shell: Shell, session: Session): Promise<void> {
  try {
    await session.refresh({ signal: shell.signal });
  } catch (error) {
    if (!hasCode(error, "OFFLINE")) throw error;
    shell.printError("Offline: this is what the device knows");
  }
}
