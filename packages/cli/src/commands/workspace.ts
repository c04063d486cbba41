import type { ArchivingRequest, WorkspaceInfo } from "@parsec/client";
import { CommandError, UsageError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { fieldLines, type OutputRecord } from "../output.ts";
import { push, withSession, withWorkspace } from "../session.ts";

export function list(invocation: Invocation): Promise<void> {
  return withSession(invocation, async (session) => {
    for (const info of session.workspaces.list()) {
      const state = info.archiving.type === "AVAILABLE" ? "" : `  (${info.archiving.type})`;
      invocation.output.tell(workspaceRecord(info), `${info.id}  ${info.role}  ${info.name}${state}`);
    }
  });
}

export function create(invocation: Invocation): Promise<void> {
  const name = invocation.operand("name");
  const { signal } = invocation;
  return withSession(invocation, async (session) => {
    const workspace = await session.workspaces.create(name, { signal });
    await push(invocation, workspace);
    invocation.output.tell({ type: "created", name, id: workspace.id }, workspace.id);
  });
}

export function info(invocation: Invocation): Promise<void> {
  return withWorkspace(invocation, async (workspace) => {
    const pending = await workspace.pendingUploads();
    const members = workspace.members().length;
    const record = { ...workspaceRecord(workspace.info), members, pending };
    const shown = { ...record, pending: `${pending.entries} entries, ${pending.bytes} bytes` };
    invocation.output.tell(record, fieldLines(shown));
  });
}

export function rename(invocation: Invocation): Promise<void> {
  const name = invocation.operand("name");
  return withWorkspace(invocation, async (workspace) => {
    await workspace.rename(name, { signal: invocation.signal });
    invocation.output.report({ type: "renamed", id: workspace.id, name }, `The workspace is ${name} now`);
  });
}

export function archive(invocation: Invocation): Promise<void> {
  const request = archivingRequest(invocation);
  return withWorkspace(invocation, async (workspace) => {
    await workspace.archive(request, { signal: invocation.signal });
    invocation.output.report(
      { type: "archived", id: workspace.id, state: request.type },
      `The workspace is ${request.type} now`,
    );
  });
}

function archivingRequest(invocation: Invocation): ArchivingRequest {
  const days = invocation.natural("deleteAfter");
  if (invocation.flag("undo")) {
    if (days !== undefined) throw new UsageError("--undo and --delete-after contradict each other");
    return { type: "AVAILABLE" };
  }
  if (days === undefined) return { type: "ARCHIVED" };
  return { type: "DELETION_PLANNED", archivingPeriodSeconds: days * 24 * 60 * 60 };
}

export function rotateKey(invocation: Invocation): Promise<void> {
  return withWorkspace(invocation, async (workspace) => {
    await workspace.rotateKey({ signal: invocation.signal });
    invocation.output.report({ type: "rotated", id: workspace.id }, "The workspace has a new key");
  });
}

export function verify(invocation: Invocation): Promise<void> {
  const { signal, output } = invocation;
  return withWorkspace(invocation, async (workspace) => {
    let findings = 0;
    for await (const { kind, entryId, path, blockId, error } of workspace.verify({ signal })) {
      findings += 1;
      const message = error?.message;
      const line = `${kind}  ${path ?? entryId ?? ""}  ${message ?? ""}`.trimEnd();
      output.tell({ type: "finding", kind, entryId, path, blockId, message }, line);
    }
    output.report({ type: "verified", findings }, findings === 0 ? "Nothing is wrong" : `${findings} findings`);
    if (findings > 0)
      throw new CommandError("FINDINGS", `${findings} findings: restore what is damaged from its history`);
  });
}

function workspaceRecord({ id, name, role, archiving }: WorkspaceInfo): OutputRecord {
  return { type: "workspace", id, name, role, state: archiving.type };
}
