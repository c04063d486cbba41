import type { DamagedVersion, EntryVersion, VersionAuthor } from "@parsec/client";
import { DateTime } from "@parsec/types";
import type { Invocation } from "../invocation.ts";
import { personOf, pull, push, withWorkspace } from "../session.ts";

export function history(invocation: Invocation): Promise<void> {
  const path = invocation.optionalOperand("path") ?? "/";
  const { signal, output } = invocation;
  return withWorkspace(invocation, async (workspace, session) => {
    await pull(invocation, workspace);
    const nameOf = ({ userId, deviceId }: VersionAuthor) =>
      userId === undefined ? deviceId : personOf(session, userId);
    if (invocation.flag("removed")) {
      for await (const entry of workspace.removed(path, { signal })) {
        const { kind, id, size } = entry;
        const [lastSeen, by] = [DateTime.formatRfc3339(entry.lastSeen), nameOf(entry.removedBy)];
        const record = { type: "removed-entry", path: entry.path, kind, id, size, lastSeen, by };
        output.tell(record, `${lastSeen}  ${by}  ${entry.path}`);
      }
      return;
    }
    for await (const version of workspace.versions(path, { signal })) tell(invocation, version, nameOf);
  });
}

function tell(
  { output }: Invocation,
  version: EntryVersion | DamagedVersion,
  nameOf: (author: VersionAuthor) => string,
): void {
  if (version.kind === "damaged") {
    output.tell({ type: "version", kind: "damaged", version: version.version }, `${version.version}  damaged`);
    return;
  }
  const [date, by] = [DateTime.formatRfc3339(version.date), nameOf(version.author)];
  const { kind, size } = version;
  output.tell(
    { type: "version", kind, version: version.version, date, by, size },
    `${version.version}  ${date}  ${size}  ${by}`,
  );
}

export function restore(invocation: Invocation): Promise<void> {
  const path = invocation.operand("path");
  const at = DateTime.parseRfc3339(invocation.requiredText("at"));
  return withWorkspace(invocation, async (workspace) => {
    await pull(invocation, workspace);
    const report = await workspace.restore(path, at, { signal: invocation.signal });
    await push(invocation, workspace);
    const line = `${path} is again as it was at ${DateTime.formatRfc3339(at)}`;
    invocation.output.report({ type: "restored", path, at: DateTime.formatRfc3339(at), ...report }, line);
  });
}
