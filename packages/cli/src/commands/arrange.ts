import type { Workspace } from "@parsec/client";
import type { Invocation } from "../invocation.ts";
import { pull, push, withWorkspace } from "../session.ts";

export function mkdir(invocation: Invocation): Promise<void> {
  const path = invocation.operand("path");
  return change(invocation, async (workspace) => {
    const options = { recursive: invocation.flag("parents"), signal: invocation.signal };
    const id = await workspace.createFolder(path, options);
    return () => invocation.output.tell({ type: "created", path, id }, id);
  });
}

export function mv(invocation: Invocation): Promise<void> {
  const [from, to] = [invocation.operand("from"), invocation.operand("to")];
  return change(invocation, async (workspace) => {
    const mode = invocation.flag("replace") ? "replace" : "no_replace";
    await workspace.move(from, to, { mode, signal: invocation.signal });
    return () => invocation.output.report({ type: "moved", from, to }, `${from} is now ${to}`);
  });
}

export function cp(invocation: Invocation): Promise<void> {
  const [from, to] = [invocation.operand("from"), invocation.operand("to")];
  return change(invocation, async (workspace) => {
    const id = await workspace.copy(from, to, { signal: invocation.signal });
    return () => invocation.output.tell({ type: "created", path: to, id }, id);
  });
}

export function rm(invocation: Invocation): Promise<void> {
  const path = invocation.operand("path");
  return change(invocation, async (workspace) => {
    await workspace.remove(path, { recursive: invocation.flag("recursive"), signal: invocation.signal });
    return () => invocation.output.report({ type: "removed", path }, `${path} is removed`);
  });
}

/** Changes the latest tree, and brings the change to the server before it is told. */
function change(invocation: Invocation, work: (workspace: Workspace) => Promise<() => void>): Promise<void> {
  return withWorkspace(invocation, async (workspace) => {
    await pull(invocation, workspace);
    const tell = await work(workspace);
    await push(invocation, workspace);
    tell();
  });
}
