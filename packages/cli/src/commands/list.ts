import type { EntryStat, ListedEntry } from "@parsec/client";
import { DateTime } from "@parsec/types";
import type { Invocation } from "../invocation.ts";
import { fieldLines, type OutputRecord } from "../output.ts";
import { remoteTree } from "../remote-tree.ts";
import { pull, withWorkspace } from "../session.ts";

const top = "/";

export function ls(invocation: Invocation): Promise<void> {
  const path = invocation.optionalOperand("path") ?? top;
  const isRecursive = invocation.flag("recursive");
  return withWorkspace(invocation, async (workspace) => {
    await pull(invocation, workspace);
    const show = (entry: ListedEntry, shown: string) => {
      const line = invocation.flag("long") ? longLine(entry, shown) : lineOf(entry, shown);
      invocation.output.tell(entryRecord(shown, entry), line);
    };
    if (isRecursive) {
      for await (const found of remoteTree(workspace, path, invocation.signal)) show(found.entry, found.path);
    } else {
      for await (const entry of workspace.list(path, { signal: invocation.signal })) show(entry, entry.name);
    }
  });
}

export function stat(invocation: Invocation): Promise<void> {
  const path = invocation.operand("path");
  return withWorkspace(invocation, async (workspace) => {
    await pull(invocation, workspace);
    const found = await workspace.stat(path, { signal: invocation.signal });
    const record = entryRecord(path, found);
    invocation.output.tell(record, fieldLines(record));
  });
}

export function tree(invocation: Invocation): Promise<void> {
  const path = invocation.optionalOperand("path") ?? top;
  return withWorkspace(invocation, async (workspace) => {
    await pull(invocation, workspace);
    invocation.output.tell({ type: "entry", path, kind: "folder" }, path);
    for await (const found of remoteTree(workspace, path, invocation.signal)) {
      const { depth, entry } = found;
      invocation.output.tell(entryRecord(found.path, entry), `${"  ".repeat(depth + 1)}${lineOf(entry, entry.name)}`);
    }
  });
}

export function du(invocation: Invocation): Promise<void> {
  const path = invocation.optionalOperand("path") ?? top;
  return withWorkspace(invocation, async (workspace) => {
    await pull(invocation, workspace);
    const start = await workspace.stat(path, { signal: invocation.signal });
    let [files, folders, bytes, damaged] = start.kind === "file" ? [1, 0, start.size, 0] : [0, 0, 0, 0];
    if (start.kind === "folder") {
      for await (const { entry } of remoteTree(workspace, path, invocation.signal)) {
        if (entry.kind === "file") [files, bytes] = [files + 1, bytes + entry.size];
        else if (entry.kind === "folder") folders += 1;
        else damaged += 1;
      }
    }
    const more = damaged > 0 ? `, ${damaged} damaged` : "";
    const line = `${bytes} bytes in ${files} files and ${folders} folders${more}`;
    invocation.output.tell({ type: "usage", path, bytes, files, folders, damaged }, line);
  });
}

export function find(invocation: Invocation): Promise<void> {
  const path = invocation.text("in") ?? top;
  return withWorkspace(invocation, async (workspace) => {
    const { signal } = invocation;
    await pull(invocation, workspace);
    // A search goes through the names that this device knows: with this it knows all of them.
    for await (const _ of remoteTree(workspace, path, signal));
    for await (const found of workspace.find(invocation.operand("pattern"), { in: path, signal })) {
      invocation.output.tell({ type: "entry", path: found.path, id: found.id, kind: found.kind }, found.path);
    }
  });
}

function lineOf(entry: ListedEntry, shown: string): string {
  if (entry.kind === "damaged") return `${shown} (damaged: ${entry.reason})`;
  return entry.kind === "folder" ? `${shown}/` : shown;
}

function longLine(entry: ListedEntry, shown: string): string {
  const size = entry.kind === "file" ? String(entry.size) : "-";
  const date = entry.kind === "damaged" ? "-" : `${DateTime.formatRfc3339(entry.updated).slice(0, 19)}Z`;
  return `${size.padStart(14)}  ${date.padEnd(20)}  ${lineOf(entry, shown)}`;
}

function entryRecord(path: string, entry: ListedEntry | EntryStat): OutputRecord {
  const { kind, id } = entry;
  if (kind === "damaged") return { type: "entry", path, kind, id, reason: entry.reason };
  const [created, updated] = [DateTime.formatRfc3339(entry.created), DateTime.formatRfc3339(entry.updated)];
  const { size, baseVersion: version, needSync: pending, lastUpdater: updatedBy } = entry;
  return { type: "entry", path, kind, id, size, created, updated, version, pending, updatedBy };
}
