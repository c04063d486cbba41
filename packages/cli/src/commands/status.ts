import { hasCode } from "@parsec/base";
import type { Session } from "@parsec/client";
import type { Invocation } from "../invocation.ts";
import { withSession } from "../session.ts";

export function status(invocation: Invocation): Promise<void> {
  const { output, signal } = invocation;
  return withSession(
    invocation,
    async (session) => {
      const connection = await connectionOf(session, signal);
      const { organizationId, deviceId, deviceLabel, profile, humanHandle } = session.info;
      const who = `${humanHandle.email} (${profile}) on ${deviceLabel}, in ${organizationId}: ${connection}`;
      output.tell({ type: "status", connection, organization: organizationId, device: deviceId, profile }, who);
      for (const { id, name } of session.workspaces.list()) {
        const { entries, bytes } = await (await session.workspaces.get(id, { signal })).pendingUploads();
        const line = entries === 0 ? `${name}: nothing waits` : `${name}: ${entries} entries wait, ${bytes} bytes`;
        output.tell({ type: "pending", workspace: id, name, entries, bytes }, line);
      }
    },
    { refresh: false },
  );
}

async function connectionOf(session: Session, signal: AbortSignal): Promise<string> {
  try {
    await session.refresh({ signal });
    return "online";
  } catch (error) {
    if (hasCode(error, "OFFLINE")) return `offline: ${error.message}`;
    throw error;
  }
}
